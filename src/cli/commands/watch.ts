import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { type FleetTarget, showFleet } from '../../contract/fleet.ts';
import type { targetStates } from '../../core/target-state.ts';
import { nameOf } from '../../contract/target-place.ts';
import { type CommonOptions, type Context, numberArgument, remoteCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { milliseconds, percent, sparkline } from '../output.ts';
import { enterScreen, type Size } from '../screen.ts';

interface WatchOptions extends CommonOptions {
  readonly interval: number;
  readonly once?: true;
}

type State = (typeof targetStates)[number];

/** Worst first. Colour never stands alone: each state has a glyph of its own. */
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
    .option('--interval <seconds>', 'between two looks, 0.5 to 60', numberArgument('--interval'), 1)
    .option('--once', 'one look, then end')
    .action(async (options: WatchOptions) => {
      if (options.interval < 0.5 || options.interval > 60) throw new UsageError('--interval must be from 0.5 to 60.');
      const client = await open(options.url);
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

function frame(fleet: Fleet, { rows, columns }: Size, colors: Context['output']['colors']): readonly string[] {
  const counted = order.filter((state) => (fleet.counts[state] ?? 0) > 0);
  const summary = counted.map((state) => `${fleet.counts[state] ?? 0} ${state}`).join(', ');
  const head = `${'ip'.padEnd(24)} ${'last'.padStart(10)} ${'p50'.padStart(10)} ${'p95'.padStart(10)} ${'loss'.padStart(8)}  last hour`;
  const shown = fleet.targets.toSorted(worstFirst).slice(0, Math.max(1, rows - 4 - fleet.notices.length));
  const hidden = fleet.targets.length - shown.length;
  return [
    colors.bold(`${summary}  ${fleet.time.slice(0, 19).replace('T', ' ')} UTC`.slice(0, columns - 1)),
    ...fleet.notices.map((notice) => colors.red(`! ${notice}`.slice(0, columns - 1))),
    colors.dim(`  ${head}`.slice(0, columns - 1)),
    ...shown.map((target) => paint(target, targetLine(target).slice(0, columns - 1), colors)),
    ...(hidden > 0 ? [colors.dim(`  and ${hidden} more`)] : []),
  ];
}

function worstFirst(a: FleetTarget, b: FleetTarget): number {
  const byState = order.indexOf(a.state) - order.indexOf(b.state);
  return byState === 0 ? (b.loss_rate ?? 0) - (a.loss_rate ?? 0) || a.id - b.id : byState;
}

function targetLine(target: FleetTarget): string {
  const cells = [
    `${glyphs[target.state]} ${nameOf(target).padEnd(24)}`,
    milliseconds(target.last_latency_ms).padStart(10),
    milliseconds(target.latency_p50_ms).padStart(10),
    milliseconds(target.latency_p95_ms).padStart(10),
    percent(target.loss_rate).padStart(8),
    ` ${sparkline(target.spark_latency_ms)}`,
  ];
  return cells.join(' ');
}

function paint({ state }: FleetTarget, line: string, colors: Context['output']['colors']): string {
  if (state === 'down' || state === 'not-sent') return colors.red(line);
  if (state === 'degraded' || state === 'partial' || state === 'slow') return colors.yellow(line);
  return state === 'up' ? line : colors.dim(line);
}
