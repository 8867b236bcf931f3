import { stringify } from 'csv-stringify/sync';
import { type ResultBatch, rowsOf } from '../core/probe-result.ts';
import type { Target } from '../core/target.ts';
import { logEntry } from './translate.ts';

export const logColumns = ['time', 'target_id', 'target_ip', 'latency_ms', 'hops', 'packet_loss'] as const;

/** CSV text a batch at a time, header first; what we failed to send is not history of the target. */
export async function* csvOf(target: Target, batches: AsyncIterable<ResultBatch>): AsyncGenerator<string> {
  const options = { record_delimiter: '\n' } as const;
  yield stringify([[...logColumns]], options);
  for await (const batch of batches) {
    const rows = [...entriesOf(target, batch)].map((entry) => [
      entry.time,
      entry.target_id,
      entry.target_ip,
      entry.latency_ms,
      entry.hops,
      entry.packet_loss ? 1 : 0,
    ]);
    if (rows.length > 0) yield stringify(rows, options);
  }
}

/** One JSON object a line, with the columns of the CSV. */
export async function* ndjsonOf(target: Target, batches: AsyncIterable<ResultBatch>): AsyncGenerator<string> {
  for await (const batch of batches) {
    const lines = [...entriesOf(target, batch)].map((entry) => `${JSON.stringify(entry)}\n`);
    if (lines.length > 0) yield lines.join('');
  }
}

function* entriesOf({ id, ip }: Target, batch: ResultBatch): Generator<Record<(typeof logColumns)[number], unknown>> {
  for (const row of rowsOf(batch)) {
    if (row.result.outcome === 'not-sent') continue;
    const { time, ...rest } = logEntry(row);
    yield { time, target_id: id, target_ip: ip, ...rest };
  }
}
