import { ByteReader, ByteWriter } from '../../core/bytes.ts';
import type { EpochMillis, TargetId, VantageId } from '../../core/ids.ts';
import { hopsFromReplyTtl } from '../../core/path.ts';
import { type HopCount, mergeRollups, type Rollup } from '../../core/rollup.ts';
import type { Sketch } from '../../core/sketch.ts';
import type { Queries, Row } from './connection.ts';
import type { SeriesKey } from './results.ts';
import { millisOf, numberIn, timestamp } from './sql-values.ts';

export type RollupStep = 'minute' | 'hour';

const figures = `sent, lost, not_sent, rtt_sum_micros, rtt_sum_squares, rtt_min_micros, rtt_max_micros,
  rtt_first_micros, rtt_last_micros, ipdv_sum_micros, jitter_micros, covered_millis, reply_ttls, reply_ttl_last, sketch`;

// Values stand in the upper, counts in the lower 32 bits of an entry.
const countMax = 4_294_967_296;

/** Entries `{value × 2^32 + count, …}` as text. */
function* entriesOf(histogram: unknown): Generator<{ readonly value: number; readonly count: number }> {
  if (typeof histogram === 'string' && histogram.length > 2) {
    for (const entry of histogram.slice(1, -1).split(',')) {
      const value = Math.floor(Number(entry) / countMax);
      yield { value, count: Number(entry) - value * countMax };
    }
  } else if (Array.isArray(histogram)) {
    yield* entriesOf(`{${histogram.join(',')}}`);
  }
}

function sketchFrom(histogram: unknown): Sketch {
  const writer = new ByteWriter(64);
  let previous = -1;
  for (const { value, count } of entriesOf(histogram)) {
    writer.varint(value - previous - 1);
    writer.varint(count);
    previous = value;
  }
  return writer.finish();
}

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

/** Replies by TTL: the hops follow from it, and several TTLs may mean the same hops. */
function hopsFrom(histogram: unknown): readonly HopCount[] {
  const counts = new Map<number, number>();
  for (const { value, count } of entriesOf(histogram)) {
    const hops = hopsFromReplyTtl(value) ?? 0;
    counts.set(hops, (counts.get(hops) ?? 0) + count);
  }
  return [...counts].map(([hops, count]) => ({ hops, count })).toSorted((a, b) => a.hops - b.hops);
}

// Any TTL with these hops stands for them when a rollup is written back.
const ttlOfHops = (hops: number): number => Math.max(1, (hops < 64 ? 128 : 255) - hops);

function rollupFrom(row: Row): Rollup {
  const orZero = (column: string): number => (row[column] === null ? 0 : numberIn(row, column));
  const lastTtl = row['reply_ttl_last'];
  return {
    startAt: numberIn(row, 'start_at_millis'),
    sent: numberIn(row, 'sent'),
    lost: numberIn(row, 'lost'),
    notSent: numberIn(row, 'not_sent'),
    rttSumMicros: orZero('rtt_sum_micros'),
    rttSumSquares: orZero('rtt_sum_squares'),
    rttMinMicros: orZero('rtt_min_micros'),
    rttMaxMicros: orZero('rtt_max_micros'),
    rttFirstMicros: orZero('rtt_first_micros'),
    rttLastMicros: orZero('rtt_last_micros'),
    ipdvSumMicros: orZero('ipdv_sum_micros'),
    jitterMicros: orZero('jitter_micros'),
    coveredMillis: orZero('covered_millis'),
    hops: hopsFrom(row['reply_ttls']),
    hopsLast: typeof lastTtl === 'number' ? hopsFromReplyTtl(lastTtl) : undefined,
    sketch: sketchFrom(row['sketch']),
  };
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
  const columns = `${millisOf('start_at')} as start_at_millis, ${figures}`;
  const rows = await queries.all(
    `(select start_at, ${columns} from pmd.${step}_rollups where ${where} order by start_at limit $5)
     union all (select start_at, ${columns} from pmd.added_${step}_rollups where ${where} order by start_at limit $5)
     order by start_at limit $5`,
    [targetId, vantage, timestamp(from), timestamp(to), limit + 1],
  );
  const rollups = rows.map(rollupFrom);
  // The limit may have cut between two rows of one start: the last start is left to the next page.
  const last = rollups.length > limit ? rollups.at(-1)?.startAt : undefined;
  return joinSameStart(rollups.filter(({ startAt }) => startAt !== last));
}

/** The rollups of some targets with from <= startAt < to, ascending, by target. */
export async function readRollups(
  queries: Queries,
  step: RollupStep,
  ids: readonly TargetId[],
  { from, to, vantage }: Stretch & { readonly vantage: VantageId },
): Promise<ReadonlyMap<TargetId, readonly Rollup[]>> {
  const where = 'target_id = any ($1) and vantage = $2 and start_at >= $3 and start_at < $4';
  const columns = `target_id, ${millisOf('start_at')} as start_at_millis, ${figures}`;
  const rows = await queries.all(
    `select ${columns} from pmd.${step}_rollups where ${where}
     union all select ${columns} from pmd.added_${step}_rollups where ${where}
     order by target_id, start_at_millis`,
    [ids, vantage, timestamp(from), timestamp(to)],
  );
  const byTarget = Map.groupBy(rows, (row) => numberIn(row, 'target_id') as TargetId);
  return new Map([...byTarget].map(([id, own]) => [id, joinSameStart(own.map(rollupFrom))]));
}

/** What came after its rollup was made is one of its own: they count as one. */
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
  const rows = await queries.all(
    `delete from ${table} where target_id = $1 and vantage = $2 and start_at >= $3 and start_at <= $4
       and start_at = any ($5)
     returning ${millisOf('start_at')} as start_at_millis, ${figures}`,
    [targetId, vantage, timestamp(first.startAt), timestamp(last.startAt), rollups.map((r) => timestamp(r.startAt))],
  );
  const known = new Map(rows.map((row) => [numberIn(row, 'start_at_millis'), rollupFrom(row)]));
  const merged = rollups.map((rollup) => {
    const before = known.get(rollup.startAt);
    return before === undefined ? rollup : mergeRollups([before, rollup], rollup.startAt);
  });
  await insertRollups(queries, step, { targetId, vantage }, merged);
}

/** Within a transaction: instead of whatever was added for the stretch that they span. */
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
    reply_ttls: rollup.hops.map(({ hops, count }) => ttlOfHops(hops) * countMax + count).toSorted((a, b) => a - b),
    reply_ttl_last: rollup.hopsLast === undefined ? null : ttlOfHops(rollup.hopsLast),
    sketch: histogramOf(rollup.sketch),
  };
}
