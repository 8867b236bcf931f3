import { formatter } from './time-ticks.ts';

/** What stands where there is no number. */
export const dash = '–';

const numberFormats = new Map<string, Intl.NumberFormat>();

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = numberFormats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locale, options);
  numberFormats.set(key, made);
  return made;
}

/** Digits that are worth reading: a microsecond matters below a millisecond, not at a hundred. */
export function formatMs(value: number | null | undefined, locale: string, hasUnit = true): string {
  if (value === null || value === undefined) return dash;
  const size = Math.abs(value);
  const digits = size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0;
  const text = numberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  return hasUnit ? `${text} ms` : text;
}

/** 0..1 as per cent; what is not nothing is never shown as 0, what is not all never as 100. */
export function formatShare(share: number | null | undefined, locale: string): string {
  if (share === null || share === undefined) return dash;
  const percent = share * 100;
  const edge = Math.min(percent, 100 - percent);
  const digits = edge === 0 ? 0 : edge < 0.1 ? 3 : edge < 10 ? 2 : 1;
  const shown = numberFormat(locale, { maximumFractionDigits: digits });
  if (percent > 0 && percent < 0.001) return `< ${numberFormat(locale, { maximumFractionDigits: 3 }).format(0.001)} %`;
  if (percent < 100 && percent > 99.999) {
    return `> ${numberFormat(locale, { maximumFractionDigits: 3 }).format(99.999)} %`;
  }
  return `${shown.format(percent)} %`;
}

export function formatCount(count: number | null | undefined, locale: string): string {
  return count === null || count === undefined ? dash : numberFormat(locale, {}).format(count);
}

export function formatDateTime(
  at: number,
  { locale, timeZone }: Readonly<Record<'locale' | 'timeZone', string>>,
): string {
  return formatter(locale, timeZone, {
    ...{ year: 'numeric', month: 'short', day: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  }).format(at);
}

const durationUnits = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** The two largest units: 2 h 5 min. */
export function formatDuration(seconds: number, locale: string): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [unit, length] of durationUnits) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count === 0 && (parts.length > 0 || unit !== 'second')) continue;
    if (parts.length < 2) parts.push(numberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count));
  }
  return parts.join(' ') || numberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'short' }).format(0);
}
