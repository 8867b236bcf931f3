import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../contract/client.ts';
import { followTrace, type TraceAsked } from '../../contract/paths/follow-trace.ts';
import type { Context } from '../context.ts';
import { type HopFigures, HopStatistics, labelText } from '../output/hop-statistics.ts';
import { percent } from '../output/output.ts';
import { enterScreen } from '../output/screen.ts';

export interface PathWatch extends TraceAsked {
  readonly json?: true;
  /** The number of rounds; `undefined` for no end. */
  readonly count?: number;
}

/** The most rounds that the server runs per request; other traces get their turn in between. */
const roundsInOne = 10;
const roundMillis = 1000;
const heads = ['hop', 'address', 'loss', 'sent', 'last', 'avg', 'best', 'worst', 'stdev'] as const;

/** Traces repeatedly and shows the accumulated answers, until Ctrl-C or after `count` rounds. */
export async function watchPath(context: Context, client: Client, watch: PathWatch): Promise<void> {
  const { output, stdout, signal } = context;
  const statistics = new HopStatistics();
  const screen = watch.json !== true && stdout.isTTY === true ? enterScreen(stdout) : undefined;
  const title = (): string => `Path to ${targetIp ?? `target ${watch.id}`}, ${statistics.roundCount} rounds`;
  let targetIp: string | undefined;
  let roundAt = -roundMillis;

  const show = (): void => {
    if (screen === undefined) return;
    const lines = tableLines(statistics.figures(), screen.size.columns - 1);
    screen.draw([output.colors.bold(title()), ...lines].slice(0, screen.size.rows - 1));
  };
  const tellRound = (): void => {
    if (watch.json === true && statistics.roundCount > 0) output.json(roundJson(statistics));
  };

  try {
    while (!signal.aborted && statistics.roundCount < (watch.count ?? Infinity)) {
      // Routers may answer only once a second: a trace that begins sooner after another's last round would see false loss.
      await delay(Math.max(0, roundAt + roundMillis - performance.now()), undefined, { signal });
      // The first request ends with its answers, so that names appear early.
      const left = (watch.count ?? Infinity) - statistics.roundCount;
      const rounds = targetIp === undefined ? 1 : Math.min(roundsInOne, left);
      const query = { ...watch.query, rounds, keep: 'changed' as const };
      for await (const message of followTrace(client, { id: watch.id, query }, signal)) {
        if (message.type === 'round') {
          tellRound();
          statistics.round(message.hops);
          roundAt = performance.now();
        } else if (message.type === 'hop') {
          statistics.answer(message.hop);
        } else {
          statistics.finish(message.trace.hops);
          targetIp = message.trace.target_ip;
        }
        show();
      }
    }
    statistics.settle();
    tellRound();
  } catch (error) {
    // Ctrl-C is the way to end it, not a failure.
    if (!signal.aborted) throw error;
  } finally {
    screen?.leave();
  }
  if (watch.json !== true) output.line([title(), ...tableLines(statistics.figures(), 200)].join('\n'));
}

function tableLines(hops: readonly HopFigures[], columns: number): readonly string[] {
  const rows = hops.map((hop) => [
    String(hop.hop),
    hop.addresses.map(addressText).join('  ') || '*',
    percent(hop.loss, 1),
    String(hop.sentCount),
    ...[hop.lastMs, hop.avgMs, hop.minMs, hop.maxMs, hop.stddevMs].map(cell),
  ]);
  const figures = 9 * (heads.length - 2) + 5;
  const wanted = Math.max(...rows.map(([, address = '']) => address.length), heads[1].length);
  const width = Math.max(15, Math.min(wanted, columns - figures));
  return [heads, ...rows].map(([hop = '', address = '', ...rest]) => {
    const cells = rest.map((text) => text.padStart(8)).join(' ');
    return `${hop.padStart(3)}  ${address.slice(0, width).padEnd(width)} ${cells}`;
  });
}

function addressText({ ip, host, mpls }: HopFigures['addresses'][number]): string {
  return (host === null ? ip : `${host} (${ip})`) + labelText(mpls);
}

/** Milliseconds without the unit, which the heading shows. */
function cell(value: number | null): string {
  return value === null ? '' : value.toFixed(value < 10 ? 3 : 1);
}

function roundJson(statistics: HopStatistics): unknown {
  const hops = statistics
    .figures()
    .map((hop) => ({
      hop: hop.hop,
      addresses: hop.addresses.map(({ ip, host, replyCount, mpls }) => ({ ip, host, reply_count: replyCount, mpls })),
      sent_count: hop.sentCount,
      reply_count: hop.replyCount,
      loss_rate: hop.loss,
      last_ms: hop.lastMs,
      avg_ms: hop.avgMs,
      min_ms: hop.minMs,
      max_ms: hop.maxMs,
      stddev_ms: hop.stddevMs,
    }));
  return { time: new Date().toISOString(), round: statistics.roundCount, hops };
}
