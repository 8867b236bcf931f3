import { type ResultBatch, rowsOf } from '../core/probe-result.ts';
import type { Target } from '../core/target.ts';
import { logEntry } from './translate.ts';

export const logColumns = ['time', 'target_id', 'target_ip', 'latency_ms', 'hops', 'packet_loss'] as const;

/** One line of an export. What we failed to send is not history of the target and has none. */
export type LogLine = Record<(typeof logColumns)[number], unknown> & ReturnType<typeof logEntry>;

/** CSV text a batch at a time, header first. Times, addresses and numbers never need quotes. */
export async function* csvOf(target: Target, batches: AsyncIterable<ResultBatch>): AsyncGenerator<string> {
  yield `${logColumns.join(',')}\n`;
  for await (const batch of batches) {
    let text = '';
    for (const { time, latency_ms, hops, packet_loss } of linesOf(target, batch)) {
      text += `${time},${target.id},${target.ip},${latency_ms ?? ''},${hops ?? ''},${packet_loss ? 1 : 0}\n`;
    }
    if (text !== '') yield text;
  }
}

/** One JSON object a line, with the columns of the CSV. */
export async function* ndjsonOf(target: Target, batches: AsyncIterable<ResultBatch>): AsyncGenerator<string> {
  for await (const batch of batches) {
    let text = '';
    for (const line of linesOf(target, batch)) text += `${JSON.stringify(line)}\n`;
    if (text !== '') yield text;
  }
}

export function* linesOf({ id, ip }: Target, batch: ResultBatch): Generator<LogLine> {
  for (const row of rowsOf(batch)) {
    if (row.result.outcome === 'not-sent') continue;
    const { time, latency_ms, hops, packet_loss } = logEntry(row);
    yield { time, target_id: id, target_ip: ip, latency_ms, hops, packet_loss };
  }
}
