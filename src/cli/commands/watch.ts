import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { type FleetTarget, showFleet } from '../../contract/fleet.ts';
import type { targetStates } from '../../core/outage/target-state.ts';
import { nameOf } from '../../contract/targets/target-place.ts';
import { type CommonOptions, type Context, numberArgument, remoteCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { fitted, milliseconds, percent, sparkline } from '../output/output.ts';
import { enterScreen, type Size } from '../output/screen.ts';

interface WatchOptions extends CommonOptions {
  readonly interval: number;
  readonly once?: true;
}

type State = (typeof targetStates)[number];

/** Worst first. Colour is never the only sign: each state has its own glyph. */
const glyphs: Readonly<Record<State, string>> = {
  down: '✗',
  'not-sent': '⊘',
  partial: '◐',
  degraded: '!',
  slow: '~',
  pending: '…',
  up: '✓',
  paused: '‖',
  synthetic: '≈',
};
const order = Object.keys(glyphs) as State[];

export function addWatchCommand(program: Command, context: Context): void {
  const { output, open, signal, stdout } = context;
  remoteCommand(program, 'watch', 'the fleet, live, worst first; Ctrl-C ends it', 'pmd watch --interval 2')
    .option('--interval <seconds>', 'refresh interval in seconds, 0.5 to 60', numberArgument('--interval'), 1)
    .option('--once', 'print once, then exit')
    .action(async (options: WatchOptions) => {
      if (options.interval < 0.5 || options.interval > 60) throw new UsageError('--interval must be from 0.5 to 60.');
      const client = await open(options.server);
      const isScreen = options.json !== true && options.once !== true && stdout.isTTY === true;
      let fleet = await client.call(showFleet);
      const screen = isScreen ? enterScreen(stdout) : undefined;
      try {
        while (!signal.aborted) {
          if (options.json === true) output.json(fleet);
          else if (screen !== undefined) screen.draw(frame(fleet, screen.size, output.colors));
          else output.line(`${frame(fleet, { rows: Infinity, columns: 120 }, output.colors).join('\n')}\n`);
          if (options.once === true) return;
          await delay(options.interval * 1000, undefined, { signal });
          fleet = await client.call(showFleet);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        screen?.leave();
      }
    });
}

interface Fleet {
  readonly time: string;
  readonly counts: Partial<Record<State, number>>;
  readonly notices: readonly string[];
  readonly targets: readonly FleetTarget[];
}

export function frame(fleet: Fleet, { rows, columns }: Size, colors: Context['output']['colors']): readonly string[] {
  const counted = order.filter((state) => (fleet.counts[state] ?? 0) > 0);
  const summary = counted.map((state) => `${fleet.counts[state] ?? 0} ${state}`).join(', ');
  const layout = layoutFor(columns);
  const head = headLine(layout);
  const shown = fleet.targets.toSorted(worstFirst).slice(0, Math.max(1, rows - 4 - fleet.notices.length));
  const hidden = fleet.targets.length - shown.length;
  return [
    colors.bold(`${summary}  ${fleet.time.slice(0, 19).replace('T', ' ')} UTC`.slice(0, columns - 1)),
    ...fleet.notices.map((notice) => colors.red(`! ${notice}`.slice(0, columns - 1))),
    colors.dim(`  ${head}`.slice(0, columns - 1)),
    ...shown.map((target) => paint(target, targetLine(target, layout, columns), colors)),
    ...(hidden > 0 ? [colors.dim(`  and ${hidden} more`)] : []),
  ];
}

function worstFirst(a: FleetTarget, b: FleetTarget): number {
  const byState = order.indexOf(a.state) - order.indexOf(b.state);
  return byState === 0 ? (b.loss_rate ?? 0) - (a.loss_rate ?? 0) || a.id - b.id : byState;
}

interface Layout {
  readonly nameWidth: number;
  readonly figures: readonly Figure[];
  /** How many of the last hour's newest minutes fit. */
  readonly minutes: number;
}

interface Figure {
  readonly name: string;
  readonly width: number;
  readonly text: (target: FleetTarget) => string;
}

const figures: readonly Figure[] = [
  { name: 'last', width: 10, text: (target) => milliseconds(target.last_latency_ms) },
  { name: 'p50', width: 10, text: (target) => milliseconds(target.latency_p50_ms) },
  { name: 'p95', width: 10, text: (target) => milliseconds(target.latency_p95_ms) },
  { name: 'loss', width: 8, text: (target) => percent(target.loss_rate) },
];
/** Dropped first when the terminal is narrow. */
const lessNeeded = [[], ['p50'], ['p50', 'p95']] as const;
const minutesMin = 12;

/** Whole columns or none; the newest minute is at the right edge at any width. */
function layoutFor(columns: number): Layout {
  for (const nameWidth of [24, 16]) {
    for (const left of lessNeeded) {
      const shown = figures.filter(({ name }) => !(left as readonly string[]).includes(name));
      const room = columns - 1 - 2 - nameWidth - shown.reduce((sum, { width }) => sum + width + 1, 0) - 2;
      if (room >= minutesMin) return { nameWidth, figures: shown, minutes: Math.min(60, room) };
    }
  }
  const shown = figures.filter(({ name }) => name === 'last' || name === 'loss');
  return { nameWidth: Math.max(1, Math.min(16, columns - 3)), figures: shown, minutes: Math.max(0, columns - 1 - 40) };
}

function headLine({ nameWidth, figures: shown, minutes }: Layout): string {
  const names = shown.map(({ name, width }) => name.padStart(width));
  const span = minutes >= 60 ? 'last hour' : `last ${minutes} min`;
  return ['target'.slice(0, nameWidth).padEnd(nameWidth), ...names, ` ${span.slice(0, minutes)}`].join(' ');
}

/**
 * A name may be wider or narrower than its number of characters; everything else takes one cell per character and can be cut by
 * characters.
 */
function targetLine(
  target: FleetTarget,
  { nameWidth, figures: shown, minutes }: Layout,
  columns: Size['columns'],
): string {
  const shortName = fitted(nameOf(target), nameWidth);
  const cells = shown.map(({ text, width }) => text(target).padStart(width));
  const spark = minutes === 0 ? '' : sparkline(target.spark_latency_ms.slice(-minutes));
  const rest = [...cells, ` ${spark}`].join(' ').slice(0, Math.max(0, columns - 1 - 2 - nameWidth - 1));
  return `${glyphs[target.state]} ${shortName} ${rest}`;
}

function paint({ state }: FleetTarget, line: string, colors: Context['output']['colors']): string {
  if (state === 'down' || state === 'not-sent') return colors.red(line);
  if (state === 'degraded' || state === 'partial' || state === 'slow') return colors.yellow(line);
  return state === 'up' ? line : colors.dim(line);
}
