import { type ResultBatch, rowsOf } from '../../core/result/probe-result.ts';
import type { Target } from '../../core/target/target.ts';
import { logEntry } from '../translate.ts';

const usualColumns = ['time', 'target_id', 'target_ip', 'latency_ms', 'hops', 'packet_loss'] as const;
export const logColumns = [...usualColumns, 'interval_seconds'] as const;

export interface LogTable {
  readonly target: Target;
  readonly batches: AsyncIterable<ResultBatch>;
  readonly pathHops: number | undefined;
  /** With the column `interval_seconds`: how long each result is valid for. */
  readonly hasIntervals: boolean;
}

/** One line of an export. Probes that we failed to send are not part of a target's history and have no line. */
export type LogLine = Record<(typeof usualColumns)[number], unknown> &
  ReturnType<typeof logEntry> & { readonly interval_seconds?: number };

/** CSV text in batches, header first. Times, addresses and numbers never need quotes. */
export async function* csvOf(table: LogTable): AsyncGenerator<string> {
  const { target, batches, hasIntervals } = table;
  yield `${(hasIntervals ? logColumns : usualColumns).join(',')}\n`;
  for await (const batch of batches) {
    let text = '';
    for (const { time, latency_ms, hops, packet_loss, interval_seconds } of linesOf(table, batch)) {
      const interval = hasIntervals ? `,${interval_seconds}` : '';
      text += `${time},${target.id},${target.ip},${latency_ms ?? ''},${hops ?? ''},${packet_loss ? 1 : 0}${interval}\n`;
    }
    if (text !== '') yield text;
  }
}

/** One JSON object per line, with the columns of the CSV. */
export async function* ndjsonOf(table: LogTable): AsyncGenerator<string> {
  for await (const batch of table.batches) {
    let text = '';
    for (const line of linesOf(table, batch)) text += `${JSON.stringify(line)}\n`;
    if (text !== '') yield text;
  }
}

function* linesOf({ target, hasIntervals, pathHops }: LogTable, batch: ResultBatch): Generator<LogLine> {
  const { id, ip } = target;
  for (const row of rowsOf(batch)) {
    if (row.result.outcome === 'not-sent') continue;
    const { time, latency_ms, hops, packet_loss } = logEntry(row, pathHops);
    const line = { time, target_id: id, target_ip: ip, latency_ms, hops, packet_loss };
    yield hasIntervals ? { ...line, interval_seconds: row.intervalMillis / 1000 } : line;
  }
}
