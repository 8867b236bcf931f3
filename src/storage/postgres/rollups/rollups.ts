import { ByteReader } from '../../../core/bytes/bytes.ts';
import type { EpochMillis, TargetId, VantageId } from '../../../core/ids.ts';
import { ttlOfHopKey } from '../../../core/path/path.ts';
import { mergeNeighbours, mergeRollups, type Rollup } from '../../../core/history/rollup.ts';
import type { Sketch } from '../../../core/history/sketch.ts';
import { ceilTo, dayMillis, floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import type { Queries, Value } from '../connection/connection.ts';
import { figures, packedRollups, type TargetRollup, unpackRollups } from './packed-rollups.ts';
import type { SeriesKey } from '../../../core/ids.ts';
import { timestamp } from '../connection/sql-values.ts';

export type RollupStep = 'minute' | 'hour' | 'day';

// Values are in the upper, counts in the lower 32 bits of an entry.
const countMax = 4_294_967_296;

function histogramOf(sketch: Sketch): number[] {
  const reader = new ByteReader(sketch);
  const entries: number[] = [];
  let bucket = -1;
  while (reader.remaining > 0) {
    bucket += reader.varint() + 1;
    entries.push(bucket * countMax + reader.varint());
  }
  return entries;
}

export interface Stretch {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** The first rollups of a target with from <= startAt < to, ascending, at most `limit`; none when there are no more. */
export async function readRollupPage(
  queries: Queries,
  step: RollupStep,
  { targetId, vantage }: SeriesKey,
  { from, to, limit }: Stretch & { readonly limit: number },
): Promise<readonly Rollup[]> {
  const where = 'target_id = $1 and vantage = $2 and start_at >= $3 and start_at < $4';
  const page = (table: string): string =>
    `(select target_id, start_at, ${figures} from pmd.${table} where ${where} order by start_at limit $5)`;
  const rollups = await readPacked(
    queries,
    `${page(`${step}_rollups`)} union all ${page(`added_${step}_rollups`)} order by start_at limit $5`,
    [targetId, vantage, timestamp(from), timestamp(to), limit + 1],
  );
  // The limit may have cut between two rows with one start: the last start is left to the next page.
  const last = rollups.length > limit ? rollups.at(-1)?.rollup.startAt : undefined;
  return joinSameStart(rollups.map(({ rollup }) => rollup).filter(({ startAt }) => startAt !== last));
}

async function readPacked(
  queries: Queries,
  subselect: string,
  values: readonly Value[],
): Promise<readonly TargetRollup[]> {
  const bytes = await queries.bytes(packedRollups(subselect), values);
  return bytes === undefined ? [] : unpackRollups(bytes);
}

/** A longer stretch is requested in parts: while one is unpacked here, the server computes the others on its cores. */
const longestPart: Readonly<Record<RollupStep, number>> = {
  minute: 12 * hourMillis,
  hour: 60 * dayMillis,
  day: 400 * dayMillis,
};
const partsMax = 8;

/** The rollups of some targets with from <= startAt < to, ascending, by target. */
export async function readRollups(
  queries: Queries,
  step: RollupStep,
  ids: readonly TargetId[],
  { from, to, vantage }: Stretch & { readonly vantage: VantageId },
): Promise<ReadonlyMap<TargetId, readonly Rollup[]>> {
  const byTarget = Map.groupBy(await readParts(queries, step, ids, { from, to, vantage }), ({ targetId }) => targetId);
  return new Map([...byTarget].map(([id, own]) => [id, joinSameStart(own.map(({ rollup }) => rollup))]));
}

/** Rolled-up and added ones side by side. */
export async function readParts(
  queries: Queries,
  step: RollupStep,
  ids: readonly TargetId[],
  { from, to, vantage }: Stretch & { readonly vantage: VantageId },
): Promise<readonly TargetRollup[]> {
  const where = 'target_id = any ($1) and vantage = $2 and start_at >= $3 and start_at < $4';
  const columns = `target_id, start_at, ${figures}`;
  const subselect = `select ${columns} from pmd.${step}_rollups where ${where}
    union all select ${columns} from pmd.added_${step}_rollups where ${where}`;
  const parts = queries.isPool ? Math.min(partsMax, Math.ceil((to - from) / longestPart[step])) : 1;
  const starts = Array.from({ length: parts }, (_, part) => ceilTo(from + ((to - from) * part) / parts, hourMillis));
  const read = await Promise.all(
    starts.map((_, part) => {
      const start = part === 0 ? from : (starts[part] ?? from);
      return readPacked(queries, subselect, [ids, vantage, timestamp(start), timestamp(starts[part + 1] ?? to)]);
    }),
  );
  return read.flat();
}

/** Results that came after their rollup was made have one of their own; together they count as one. */
export function joinSameStart(rollups: readonly Rollup[]): readonly Rollup[] {
  const joined: Rollup[] = [];
  for (const rollup of rollups) {
    const before = joined.at(-1);
    if (before?.startAt === rollup.startAt) joined[joined.length - 1] = mergeRollups([before, rollup], rollup.startAt);
    else joined.push(rollup);
  }
  return joined;
}

/** Within a transaction: merges rollups into those that were added before. */
export async function addRollups(
  queries: Queries,
  step: RollupStep,
  { targetId, vantage }: SeriesKey,
  rollups: readonly Rollup[],
): Promise<void> {
  const [first, last] = [rollups[0], rollups.at(-1)];
  if (first === undefined || last === undefined) return;
  const table = `pmd.added_${step}_rollups`;
  const where = 'target_id = $1 and vantage = $2 and start_at >= $3 and start_at <= $4 and start_at = any ($5)';
  const values = [
    ...[targetId, vantage, timestamp(first.startAt), timestamp(last.startAt)],
    rollups.map(({ startAt }) => timestamp(startAt)),
  ];
  const rows = await readPacked(queries, `select target_id, start_at, ${figures} from ${table} where ${where}`, values);
  if (rows.length > 0) await queries.all(`delete from ${table} where ${where}`, values);
  const known = new Map(rows.map(({ rollup }) => [rollup.startAt, rollup]));
  const merged = rollups.map((rollup) => {
    const before = known.get(rollup.startAt);
    return before === undefined ? rollup : mergeRollups([before, rollup], rollup.startAt);
  });
  await insertRollups(queries, step, { targetId, vantage }, merged);
  if (step === 'hour')
    await renewAddedDays(queries, { targetId, vantage }, { from: first.startAt, to: last.startAt + 1 });
}

/** Within a transaction: replaces whatever was added for the stretch that they span. */
export async function replaceRollups(
  queries: Queries,
  step: RollupStep,
  key: SeriesKey,
  { from, to }: Stretch,
  rollups: readonly Rollup[],
): Promise<void> {
  await queries.all(
    `delete from pmd.added_${step}_rollups where target_id = $1 and vantage = $2 and start_at >= $3 and start_at < $4`,
    [key.targetId, key.vantage, timestamp(from), timestamp(to)],
  );
  await insertRollups(queries, step, key, rollups);
  if (step === 'hour') await renewAddedDays(queries, key, { from, to });
}

/** Within a transaction: the sums of the added hours of the days that a stretch touches. */
export async function renewAddedDays(queries: Queries, key: SeriesKey, stretch: Stretch): Promise<void> {
  const [from, to] = [floorTo(stretch.from, dayMillis), ceilTo(stretch.to, dayMillis)];
  const where = 'target_id = $1 and vantage = $2 and start_at >= $3 and start_at < $4';
  const values = [key.targetId, key.vantage, timestamp(from), timestamp(to)];
  const hours = await readPacked(
    queries,
    `select target_id, start_at, ${figures} from pmd.added_hour_rollups where ${where}`,
    values,
  );
  await queries.all(`delete from pmd.added_day_rollups where ${where}`, values);
  const days = mergeNeighbours(
    hours.map(({ rollup }) => rollup),
    dayMillis,
  );
  await insertRollups(queries, 'day', key, days);
}

async function insertRollups(
  queries: Queries,
  step: RollupStep,
  { targetId, vantage }: SeriesKey,
  rollups: readonly Rollup[],
): Promise<void> {
  await queries.all(
    `insert into pmd.added_${step}_rollups select $1, $2, start_at, ${figures}
     from jsonb_to_recordset($3) as added (start_at timestamptz, sent bigint, lost bigint, not_sent bigint,
       rtt_sum_micros bigint, rtt_sum_squares double precision, rtt_min_micros integer, rtt_max_micros integer,
       rtt_first_micros integer, rtt_last_micros integer, ipdv_sum_micros bigint, jitter_micros double precision,
       covered_millis bigint, reply_ttls bigint[], reply_ttl_last integer, sketch bigint[])`,
    [targetId, vantage, JSON.stringify(rollups.map(rowFrom))],
  );
}

function rowFrom(rollup: Rollup): Readonly<Record<string, unknown>> {
  return {
    start_at: timestamp(rollup.startAt),
    sent: rollup.sent,
    lost: rollup.lost,
    not_sent: rollup.notSent,
    rtt_sum_micros: rollup.rttSumMicros,
    rtt_sum_squares: rollup.rttSumSquares,
    rtt_min_micros: rollup.rttMinMicros,
    rtt_max_micros: rollup.rttMaxMicros,
    rtt_first_micros: rollup.rttFirstMicros,
    rtt_last_micros: rollup.rttLastMicros,
    ipdv_sum_micros: rollup.ipdvSumMicros,
    jitter_micros: rollup.jitterMicros,
    covered_millis: Math.round(rollup.coveredMillis),
    reply_ttls: rollup.hops.map(({ hops, count }) => ttlOfHopKey(hops) * countMax + count).toSorted((a, b) => a - b),
    reply_ttl_last: rollup.hopsLast === undefined ? null : ttlOfHopKey(rollup.hopsLast),
    sketch: histogramOf(rollup.sketch),
  };
}
