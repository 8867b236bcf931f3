import type { EpochMillis, SeriesKey, TargetId, VantageId } from '../../../core/ids.ts';
import { createSeries, type Series } from '../../../core/result/series.ts';
import type { Queries, Value } from '../connection/connection.ts';
import { millisOf, timestamp } from '../connection/sql-values.ts';

const rowBytes = 8 + 4 + 4 + 4 + 2;

/** The rows of a subselect in one value: thousands of them cross the wire and into columns without an object for each. */
const packed = (subselect: string): string => `select string_agg(
    float8send(${millisOf('sent_at')}) || int4send(interval_millis) || int4send(coalesce(rtt_micros, 0))
      || int4send(detail) || int2send(outcome), '' order by sent_at) as rows
  from (${subselect}) as results`;

function unpack(bytes: Uint8Array): Series {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const series = createSeries(bytes.byteLength / rowBytes);
  for (let index = 0, at = 0; index < series.length; index++, at += rowBytes) {
    series.sentAtMillis[index] = Math.round(view.getFloat64(at));
    series.intervalMillis[index] = view.getInt32(at + 8);
    series.rttMicros[index] = view.getInt32(at + 12);
    series.details[index] = view.getInt32(at + 16);
    series.outcomes[index] = view.getInt16(at + 20);
  }
  return series;
}

async function readPacked(queries: Queries, subselect: string, values: readonly Value[]): Promise<Series> {
  const bytes = await queries.bytes(packed(subselect), values);
  return bytes === undefined ? createSeries(0) : unpack(bytes);
}

/** Raw results with from <= sentAt < to in time order, the first `limit` of them. */
export function readRows(
  queries: Queries,
  { targetId, vantage }: SeriesKey,
  { from, to, limit }: { readonly from: EpochMillis; readonly to: EpochMillis; readonly limit?: number },
): Promise<Series> {
  const subselect = `select * from pmd.probe_results
    where target_id = $1 and vantage = $2 and sent_at >= $3 and sent_at < $4 order by sent_at limit $5`;
  return readPacked(queries, subselect, [targetId, vantage, timestamp(from), timestamp(to), limit ?? null]);
}

/** The newest results that were sent before a time, in time order. */
export function readNewestSent(
  queries: Queries,
  { targetId, vantage }: SeriesKey,
  { from, to, limit }: { readonly from: EpochMillis; readonly to: EpochMillis; readonly limit: number },
): Promise<Series> {
  const subselect = `select * from pmd.probe_results where target_id = $1 and vantage = $2
    and sent_at >= $3 and sent_at < $4 and outcome < 3 order by sent_at desc limit $5`;
  return readPacked(queries, subselect, [targetId, vantage, timestamp(from), timestamp(to), limit]);
}

/** The newest result in a stretch of each target that has one there. */
export async function readLastOfEach(
  queries: Queries,
  ids: readonly TargetId[],
  { from, to, vantage }: { readonly from: EpochMillis; readonly to: EpochMillis; readonly vantage: VantageId },
): Promise<ReadonlyMap<TargetId, { sentAt: EpochMillis; outcome: number; rttMicros: number; detail: number }>> {
  const rows = await queries.all(
    `select wanted.id, ${millisOf('last.sent_at')} as sent_at_millis, last.outcome, last.rtt_micros, last.detail
     from unnest($1::integer[]) as wanted (id), lateral (
       select * from pmd.probe_results as results
       where results.target_id = wanted.id and results.vantage = $2
         and results.sent_at >= $3 and results.sent_at < $4 and results.outcome < 3
       order by results.sent_at desc limit 1
     ) as last`,
    [ids, vantage, timestamp(from), timestamp(to)],
  );
  return new Map(
    rows.map((row) => [
      Number(row['id']) as TargetId,
      {
        sentAt: Number(row['sent_at_millis']),
        outcome: Number(row['outcome']),
        rttMicros: Number(row['rtt_micros'] ?? 0),
        detail: Number(row['detail']),
      },
    ]),
  );
}
