import type { EpochMillis, VantageId } from '../../../core/ids.ts';
import { outcomeCodes, type ResultBatch } from '../../../core/result/probe-result.ts';
import type { Queries } from './connection.ts';
import { millisOf, timestamp } from './sql-values.ts';

const rowsAtOnce = 20_000;

/**
 * Inserts rows statement by statement, where COPY is impossible: some of them exist already, or the connection does not support
 * COPY. The first of several for one time wins. Returns how many were new.
 */
export async function insertRows(queries: Queries, batch: ResultBatch, vantage: VantageId): Promise<number> {
  return (await insertAll(queries, { batch, vantage }, 'count(*)')).reduce<number>(
    (sum, count) => sum + Number(count),
    0,
  );
}

/** The same for rows of one target; returns the times of those that were new. */
export async function insertRowsOfOne(
  queries: Queries,
  batch: ResultBatch,
  vantage: VantageId,
): Promise<ReadonlySet<EpochMillis>> {
  const times = await insertAll(queries, { batch, vantage }, `coalesce(array_agg(${millisOf('sent_at')}), '{}')`);
  return new Set(times.flat().map((time) => Math.round(Number(time))));
}

async function insertAll(
  queries: Queries,
  { batch, vantage }: Pick<Rows, 'batch' | 'vantage'>,
  told: string,
): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (let start = 0; start < batch.length; start += rowsAtOnce) {
    const end = Math.min(batch.length, start + rowsAtOnce);
    answers.push(await insertSome(queries, { batch, vantage, start, end }, told));
  }
  return answers;
}

interface Rows {
  readonly batch: ResultBatch;
  readonly vantage: VantageId;
  readonly start: number;
  readonly end: number;
}

/** `told`: SQL for what to return about the new rows. */
async function insertSome(queries: Queries, { batch, vantage, start, end }: Rows, told: string): Promise<unknown> {
  const replies = Array.from({ length: end - start }, (_, row) => batch.outcomes[start + row] === outcomeCodes.reply);
  const [row] = await queries.all(
    `with added as (
       insert into pmd.probe_results (target_id, interval_millis, sent_at, rtt_micros, detail, vantage, outcome)
       select target_id, interval_millis, sent_at, rtt_micros, detail, $7, outcome
       from unnest($1::integer[], $2::integer[], $3::timestamptz[], $4::integer[], $5::integer[], $6::smallint[])
         with ordinality as rows (target_id, interval_millis, sent_at, rtt_micros, detail, outcome, at)
       order by at
       on conflict (target_id, vantage, sent_at) do nothing returning sent_at
     ) select ${told} as told from added`,
    [
      [...batch.targetIds.subarray(start, end)],
      [...batch.intervalMillis.subarray(start, end)],
      Array.from(batch.sentAtMillis.subarray(start, end), timestamp),
      replies.map((isReply, index) => (isReply ? (batch.rttMicros[start + index] ?? 0) : null)),
      [...batch.details.subarray(start, end)],
      [...batch.outcomes.subarray(start, end)],
      vantage,
    ],
  );
  return row?.['told'];
}
