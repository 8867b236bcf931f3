import type { TimeRange } from './time-steps.ts';

export interface TimeTick {
  readonly at: number;
  readonly label: string;
  /** The day or year that begins here or contains the first tick; drawn beneath. */
  readonly context: string | undefined;
}

type Unit = 'second' | 'minute' | 'hour' | 'day' | 'month' | 'year';
interface TickStep {
  readonly unit: Unit;
  readonly count: number;
  readonly millis: number;
}

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
const tickSteps: readonly TickStep[] = [
  ...[1, 2, 5, 10, 15, 30].map((count): TickStep => ({ unit: 'second', count, millis: count * second })),
  ...[1, 2, 5, 10, 15, 30].map((count): TickStep => ({ unit: 'minute', count, millis: count * minute })),
  ...[1, 2, 3, 6, 12].map((count): TickStep => ({ unit: 'hour', count, millis: count * hour })),
  ...[1, 2, 3, 7, 14].map((count): TickStep => ({ unit: 'day', count, millis: count * day })),
  ...[1, 2, 3, 6].map((count): TickStep => ({ unit: 'month', count, millis: count * 30.44 * day })),
  ...[1, 2].map((count): TickStep => ({ unit: 'year', count, millis: count * 365.25 * day })),
];

/** How far a zone's clock is ahead of UTC at a moment, in milliseconds. */
export function zoneOffset(at: number, timeZone: string): number {
  const parts = formatter('en-US', timeZone, {
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at);
  const number = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const local = Date.UTC(
    number('year'),
    number('month') - 1,
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  );
  return local - Math.floor(at / 1000) * 1000;
}

/**
 * The moment at which a zone's clock shows a time, given as if it were UTC. When clocks are put back there are two: the earlier
 * or the later one. When they are put forward there is none: the moment of the change.
 */
export function momentOf(local: number, timeZone: string, which: 'earlier' | 'later' = 'earlier'): number {
  // No zone changes twice within two days, or is further than that from UTC.
  const offsets = [zoneOffset(local - day, timeZone), zoneOffset(local + day, timeZone)];
  const moments = offsets.map((offset) => local - offset).sort((a, b) => a - b);
  const shown = moments.filter((at) => at + zoneOffset(at, timeZone) === local);
  const found = which === 'earlier' ? shown[0] : shown.at(-1);
  return found ?? changeWithin({ from: moments[0] ?? local, to: moments.at(-1) ?? local }, timeZone) ?? local;
}

/** The moment at which a zone's clock changes, if it does once in a range; to the millisecond. */
function changeWithin({ from, to }: TimeRange, timeZone: string): number | undefined {
  const before = zoneOffset(from, timeZone);
  if (zoneOffset(to, timeZone) === before) return undefined;
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zoneOffset(middle, timeZone) === before) low = middle;
    else high = middle;
  }
  return high;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

export function formatter(locale: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, { timeZone, ...options });
  formatters.set(key, made);
  return made;
}

export interface TickOptions {
  /** In CSS pixels. */
  readonly width: number;
  readonly locale: string;
  readonly timeZone: string;
}

/** Round moments of the user's clock, with room for their labels. */
export function timeTicks(range: TimeRange, { width, locale, timeZone }: TickOptions): readonly TimeTick[] {
  const room = Math.max(2, width / 92);
  const wanted = (range.to - range.from) / room;
  const step = tickSteps.find(({ millis }) => millis >= wanted) ?? tickSteps.at(-1);
  if (step === undefined || range.to <= range.from) return [];
  const ticks: TimeTick[] = [];
  let context = '';
  for (const at of ticksAt(range, step, timeZone)) {
    const { label, context: next } = labelsOf(at, step, { locale, timeZone });
    ticks.push({ at, label, context: next === context ? undefined : next });
    context = next;
  }
  return ticks;
}

function ticksAt(range: TimeRange, step: TickStep, timeZone: string): readonly number[] {
  switch (step.unit) {
    case 'second':
    case 'minute':
    case 'hour':
      return stretchesOf(range, timeZone).flatMap((stretch) => ticksWithin(stretch, step.millis));
    case 'day':
    case 'month':
    case 'year':
      return dayTicks(range, step, timeZone);
    default:
      return step.unit satisfies never;
  }
}

interface Stretch extends TimeRange {
  readonly offset: number;
}

/** The range split where the zone's clock changes. */
function stretchesOf({ from, to }: TimeRange, timeZone: string): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let start = from;
  while (start < to) {
    const offset = zoneOffset(start, timeZone);
    let end = start;
    let change: number | undefined;
    while (end < to && change === undefined) {
      const next = Math.min(end + day, to);
      change = changeWithin({ from: end, to: next }, timeZone);
      end = change ?? next;
    }
    stretches.push({ from: start, to: end, offset });
    start = end;
  }
  return stretches;
}

/** The moments of a stretch at which its clock shows a multiple of `millis`. */
function ticksWithin({ from, to, offset }: Stretch, millis: number): readonly number[] {
  const first = Math.ceil((from + offset) / millis) * millis - offset;
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / millis)) }, (_, index) => first + index * millis);
}

/** Where days of the zone's calendar begin: at midnight or, if that is skipped, just after. */
function dayTicks({ from, to }: TimeRange, { unit, count }: TickStep, timeZone: string): readonly number[] {
  const local = new Date(from + zoneOffset(from, timeZone));
  const [year, month, date] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const dayOf = (index: number): number => {
    if (unit === 'year') return Date.UTC(Math.floor(year / count) * count + index * count, 0);
    if (unit === 'month') return Date.UTC(year, Math.floor(month / count) * count + index * count);
    // Weeks begin on Mondays; the epoch was a Thursday.
    return floorDays(Date.UTC(year, month, date), count) + index * count * day;
  };
  const ticks: number[] = [];
  for (let index = 0; index < 200; index++) {
    const at = momentOf(dayOf(index), timeZone);
    if (at >= to) break;
    // A day that a zone skipped begins with the one after it.
    if (at >= from && at !== ticks.at(-1)) ticks.push(at);
  }
  return ticks;
}

function floorDays(local: number, count: number): number {
  const days = Math.floor(local / day);
  return (Math.floor((days + 3) / count) * count - 3) * day;
}

function labelsOf(
  at: number,
  { unit }: TickStep,
  { locale, timeZone }: Pick<TickOptions, 'locale' | 'timeZone'>,
): { readonly label: string; readonly context: string } {
  const text = (options: Intl.DateTimeFormatOptions): string => formatter(locale, timeZone, options).format(at);
  switch (unit) {
    case 'second':
    case 'minute':
    case 'hour': {
      const seconds = unit === 'second' ? { second: '2-digit' as const } : {};
      return {
        label: text({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...seconds }),
        context: text({ weekday: 'short', day: 'numeric', month: 'short' }),
      };
    }
    case 'day':
      return { label: text({ day: 'numeric', month: 'short' }), context: text({ year: 'numeric' }) };
    case 'month':
      return { label: text({ month: 'short' }), context: text({ year: 'numeric' }) };
    case 'year':
      return { label: text({ year: 'numeric' }), context: '' };
    default:
      return unit satisfies never;
  }
}
