import type { EpochMillis, SeriesKey } from '../../../core/ids.ts';
import type { Rollup } from '../../../core/history/rollup.ts';
import {
  decodeRollups,
  eachRollup,
  eachSummary,
  encodeRollups,
  encodeSummarized,
} from '../../../core/history/rollup-codec.ts';
import {
  ceilTo,
  dayMillis,
  floorTo,
  hourMillis,
  minuteMillis,
  monthStart,
  nextMonthStart,
} from '../../../core/history/time-buckets.ts';
import { uncompressed, zstd } from '../../series/compression.ts';
import { eachInRow, inRow, type Place } from '../file/damage.ts';
import type { Database } from '../file/database.ts';
import { payloadOf } from './raw-blocks.ts';

/** A resolution's table. No block extends beyond the end of its span, and no two blocks of a series overlap. */
export interface RollupTable {
  readonly name: 'minute_rollup_blocks' | 'hour_rollup_blocks';
  readonly stepMillis: number;
  readonly spanStart: (time: EpochMillis) => EpochMillis;
  readonly spanEnd: (time: EpochMillis) => EpochMillis;
  /** A joined block also contains its rollups merged into steps of this length. */
  readonly summaryMillis?: number;
}

export const minuteTable: RollupTable = {
  name: 'minute_rollup_blocks',
  stepMillis: minuteMillis,
  spanStart: (time) => floorTo(time, dayMillis),
  spanEnd: (time) => floorTo(time, dayMillis) + dayMillis,
};

export const hourTable: RollupTable = {
  name: 'hour_rollup_blocks',
  stepMillis: hourMillis,
  spanStart: monthStart,
  spanEnd: nextMonthStart,
  summaryMillis: dayMillis,
};

interface Block {
  readonly id: number;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly payload: Uint8Array;
  readonly place: Place;
}

// Pieces live for a day at most and are read often: starting zstd would cost more than everything else about reading them.
const compressorFor = (isPiece: boolean): typeof zstd => (isPiece ? uncompressed : zstd);

function blocksBetween(
  database: Database,
  table: RollupTable,
  key: SeriesKey,
  from: EpochMillis,
  to: EpochMillis,
): Block[] {
  // Blocks do not overlap: only the last one that begins before the stretch can extend into it.
  const sql = `select id, from_millis, to_millis, payload from ${table.name}
    where target_id = ?1 and vantage = ?2 and from_millis < ?4 and from_millis >= coalesce((select max(from_millis)
      from ${table.name} where target_id = ?1 and vantage = ?2 and from_millis <= ?3), ?3)
    order by from_millis`;
  return database
    .all(sql, key.targetId, key.vantage, from, to)
    .filter((row) => Number(row['to_millis']) > from)
    .map((row) => ({
      id: Number(row['id']),
      from: Number(row['from_millis']),
      to: Number(row['to_millis']),
      payload: payloadOf(row),
      place: { table: table.name, id: Number(row['id']), targetId: key.targetId, at: Number(row['from_millis']) },
    }));
}

const rollupsIn = ({ place, payload }: Block): Rollup[] => inRow(place, () => decodeRollups(payload, zstd));

/** The stored rollups with from <= startAt < to, ascending. */
export function readRollups(
  database: Database,
  table: RollupTable,
  key: SeriesKey,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): Rollup[] {
  const blocks = blocksBetween(database, table, key, from, to);
  const rollups = blocks.flatMap(rollupsIn);
  const isWhole = (blocks[0]?.from ?? from) >= from && (blocks.at(-1)?.to ?? to) <= to;
  return isWhole ? rollups : rollups.filter(({ startAt }) => startAt >= from && startAt < to);
}

/**
 * The same one after the other, each in the same object, valid until the next. `bucketMillis`: those of one bucket may come
 * merged, if the block contains them merged.
 */
export function* eachStoredRollup(
  database: Database,
  table: RollupTable,
  key: SeriesKey,
  { from, to, bucketMillis }: { readonly from: EpochMillis; readonly to: EpochMillis; readonly bucketMillis: number },
): Generator<Rollup> {
  const { summaryMillis } = table;
  const wantsSummaries = summaryMillis !== undefined && bucketMillis % summaryMillis === 0;
  for (const { payload, place, from: blockFrom, to: blockTo } of blocksBetween(database, table, key, from, to)) {
    const summaries = wantsSummaries ? inRow(place, () => eachSummary(payload, zstd)) : undefined;
    const each = eachInRow(place, () => eachRollup(payload, zstd));
    if (summaries === undefined || summaryMillis === undefined) {
      yield* between(each, from, to);
      continue;
    }
    // What a day has of the block may be summarised if all of it is requested.
    const wholeFrom = from <= blockFrom ? Number.NEGATIVE_INFINITY : ceilTo(from, summaryMillis);
    const wholeTo = to >= blockTo ? Number.POSITIVE_INFINITY : floorTo(to, summaryMillis);
    if (wholeFrom > from) yield* between(each, from, Math.min(wholeFrom, to));
    yield* between(
      eachInRow(place, () => summaries),
      wholeFrom,
      wholeTo,
    );
    if (wholeTo < to)
      yield* between(
        eachInRow(place, () => eachRollup(payload, zstd)),
        Math.max(wholeTo, wholeFrom),
        to,
      );
  }
}

function* between(rollups: Iterable<Rollup>, from: EpochMillis, to: EpochMillis): Generator<Rollup> {
  for (const rollup of rollups) if (rollup.startAt >= from && rollup.startAt < to) yield rollup;
}

/** Whole hours of rollups, which replace the previous contents of each hour. */
export interface HourRollups {
  readonly hourAt: EpochMillis;
  readonly rollups: readonly Rollup[];
}

/** Within a transaction. `hours`: ascending. */
export function writeRollups(
  database: Database,
  table: RollupTable,
  key: SeriesKey,
  hours: readonly HourRollups[],
): void {
  for (let start = 0; start < hours.length;) {
    const spanStart = table.spanStart(hours[start]?.hourAt ?? 0);
    let end = start + 1;
    while (end < hours.length && table.spanStart(hours[end]?.hourAt ?? 0) === spanStart) end++;
    writeSpan(database, table, key, hours.slice(start, end));
    start = end;
  }
}

function writeSpan(database: Database, table: RollupTable, key: SeriesKey, hours: readonly HourRollups[]): void {
  const first = hours[0]?.hourAt ?? 0;
  const isOneHour = hours.length === 1;
  const [from, to] = isOneHour ? [first, first + hourMillis] : [table.spanStart(first), table.spanEnd(first)];
  const touched = blocksBetween(database, table, key, from, to);
  const replaced = new Set(hours.map(({ hourAt }) => hourAt));
  const kept = touched.flatMap(rollupsIn);
  const rollups = kept
    .filter(({ startAt }) => !replaced.has(floorTo(startAt, hourMillis)))
    .concat(hours.flatMap(({ rollups }) => rollups))
    .toSorted((a, b) => a.startAt - b.startAt);
  replaceBlocks(database, table, key, { touched, rollups, isPiece: isOneHour && touched.length === 0 });
}

/** Within a transaction: joins all blocks of the span that contains a time into one. */
export function joinSpan(database: Database, table: RollupTable, key: SeriesKey, time: EpochMillis): void {
  const touched = blocksBetween(database, table, key, table.spanStart(time), table.spanEnd(time));
  const rollups = touched.flatMap(rollupsIn);
  replaceBlocks(database, table, key, { touched, rollups, isPiece: false });
}

function replaceBlocks(
  database: Database,
  table: RollupTable,
  key: SeriesKey,
  change: { readonly touched: readonly Block[]; readonly rollups: readonly Rollup[]; readonly isPiece: boolean },
): void {
  const { touched, rollups, isPiece } = change;
  for (const { id } of touched) database.run(`delete from ${table.name} where id = ?`, id);
  const [first, last] = [rollups[0], rollups.at(-1)];
  if (first === undefined || last === undefined) return;
  // Whole hours, so that a block's range says which hours it covers.
  const from = floorTo(first.startAt, hourMillis);
  const to = floorTo(last.startAt, hourMillis) + hourMillis;
  const payload =
    isPiece || table.summaryMillis === undefined
      ? encodeRollups(rollups, compressorFor(isPiece))
      : encodeSummarized(rollups, table.summaryMillis, zstd);
  database.run(
    `insert into ${table.name} (target_id, vantage, from_millis, to_millis, is_piece, payload) values (?, ?, ?, ?, ?, ?)`,
    ...[key.targetId, key.vantage, from, to, isPiece ? 1 : 0, payload],
  );
}

export function hasHourRollup(database: Database, key: SeriesKey, hourAt: EpochMillis): boolean {
  return readRollups(database, hourTable, key, { from: hourAt, to: hourAt + hourMillis }).length > 0;
}

/** A series and span with pieces that began before a time. */
export function nextPiece(
  database: Database,
  table: RollupTable,
  before: EpochMillis,
): { readonly key: SeriesKey; readonly from: EpochMillis } | undefined {
  const sql = `select target_id, vantage, from_millis from ${table.name}
    where is_piece = 1 and from_millis < ? order by from_millis limit 1`;
  const row = database.get(sql, before);
  if (row === undefined) return undefined;
  const key = { targetId: Number(row['target_id']), vantage: Number(row['vantage']) } as SeriesKey;
  return { key, from: Number(row['from_millis']) };
}
