import { decodeBatch } from '../../../core/result/batch-codec.ts';
import type { EpochMillis, SeriesKey, TargetId, VantageId } from '../../../core/ids.ts';
import { mergeRollups, rollupSeries } from '../../../core/history/rollup.ts';
import type { Series } from '../../../core/result/series.ts';
import { floorTo, hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import { type AgedResults, isHourAged } from './aged-results.ts';
import { inRow } from '../file/damage.ts';
import type { Database } from '../file/database.ts';
import type { History } from './history.ts';
import { payloadOf, writeRawBlock } from './raw-blocks.ts';
import { hourTable, minuteTable, writeRollups } from './rollup-blocks.ts';
import type { RetentionFloors } from './retention-floors.ts';
import type { Tail } from './tail.ts';

interface Dependencies {
  readonly database: Database;
  readonly tail: Tail;
  readonly history: History;
  readonly aged: AgedResults;
}

/** An hour is sealed once it has been over for this long; even later results are merged into its block. */
export const sealGraceMillis = 60_000;

/** One hour of a series, ready to be sealed. */
export interface SealedHour {
  readonly hourAt: EpochMillis;
  /** In time order, one row per time. */
  readonly rows: Series;
}

/** Within a transaction. `hours`: ascending; raw results and minutes older than `cutoffs` are left out. */
export function writeHours(
  { database, aged }: Pick<Dependencies, 'database' | 'aged'>,
  key: SeriesKey,
  hours: readonly SealedHour[],
  cutoffs: Pick<RetentionFloors, 'raw' | '1m'> = { raw: 0, '1m': 0 },
): void {
  const minutes = hours.map(({ hourAt, rows }) => ({ hourAt, rollups: rollupSeries(rows, minuteMillis) }));
  const merged = minutes.map(({ hourAt, rollups }) => ({ hourAt, rollups: [mergeRollups(rollups, hourAt)] }));
  for (const { hourAt, rows } of hours) {
    if (hourAt >= cutoffs.raw) writeRawBlock(database, key, hourAt, rows);
    aged.noteSealed(hourAt);
  }
  writeRollups(
    database,
    minuteTable,
    key,
    minutes.filter(({ hourAt }) => hourAt >= cutoffs['1m']),
  );
  writeRollups(database, hourTable, key, merged);
}

/** Seals complete hours until `isTimeUp`; returns how many and whether there are more. */
export function sealSome(
  dependencies: Dependencies,
  now: EpochMillis,
  isTimeUp: () => boolean,
): { readonly sealed: number; readonly hasMore: boolean } {
  const { database, tail, history } = dependencies;
  const before = floorTo(now - sealGraceMillis, hourMillis);
  const found = tail.hoursBefore(before, 200);
  const done: (typeof found)[number][] = [];
  database.transaction(() => {
    for (const each of found) {
      writeHours(dependencies, each.key, [
        { hourAt: each.hour.hourAt, rows: history.hourRows(each.key, each.hour.hourAt) },
      ]);
      done.push(each);
      if (isTimeUp()) break;
    }
  });
  for (const { key, hour } of done) tail.remove(key, hour);
  return { sealed: done.length, hasMore: tail.hoursBefore(before, 1).length > 0 };
}

/** Deletes the batches whose results are all sealed; returns whether there may be more. */
export function dropSealedBatches(database: Database, tail: Tail): boolean {
  // Of 10,000 targets each: more at once would hold up a commit.
  const limit = 8;
  const oldest = database.get('select from_millis, to_millis from unsealed_batches order by id limit 1');
  // The oldest is nearly always still needed: then the others need not be read.
  if (oldest === undefined || isAnyHourUnsealed(tail, Number(oldest['from_millis']), Number(oldest['to_millis'])))
    return false;
  const batches = database.all('select id, from_millis, to_millis from unsealed_batches order by id limit ?', limit);
  const sealed: number[] = [];
  for (const batch of batches) {
    if (isAnyHourUnsealed(tail, Number(batch['from_millis']), Number(batch['to_millis']))) break;
    sealed.push(Number(batch['id']));
  }
  const last = sealed.at(-1);
  if (last !== undefined) database.run('delete from unsealed_batches where id <= ?', last);
  return sealed.length === limit;
}

function isAnyHourUnsealed(tail: Tail, from: EpochMillis, to: EpochMillis): boolean {
  return tail.hours().some((hourAt) => hourAt + hourMillis > from && hourAt <= to);
}

/**
 * Fills the tail from the append table at start. Rows that were sealed before a crash may appear again: they are merged into
 * their block once more, which changes nothing. Rows whose raw block is gone were certainly sealed.
 */
export function rebuildTail(
  { database, tail }: Pick<Dependencies, 'database' | 'tail'>,
  known: ReadonlySet<TargetId>,
): void {
  const newest = database.get('select max(to_millis) as to_millis from hour_rollup_blocks')?.['to_millis'];
  const sealedUntil = typeof newest === 'number' ? newest : 0;
  const agedHours = new Map<string, boolean>();
  const isAged = (key: SeriesKey, hourAt: EpochMillis): boolean => {
    if (hourAt >= sealedUntil) return false;
    const name = `${key.targetId} ${key.vantage} ${hourAt}`;
    const answer = agedHours.get(name) ?? isHourAged(database, key, hourAt);
    agedHours.set(name, answer);
    return answer;
  };
  let lastId = 0;
  for (;;) {
    const sql = 'select id, vantage, from_millis, payload from unsealed_batches where id > ? order by id limit 1';
    const row = database.get(sql, lastId);
    if (row === undefined) return;
    lastId = Number(row['id']);
    const vantage: VantageId = Number(row['vantage']);
    const isWanted = (targetId: TargetId, hourAt: EpochMillis): boolean =>
      known.has(targetId) && !isAged({ targetId, vantage }, hourAt);
    const place = { table: 'unsealed_batches', id: lastId, at: Number(row['from_millis']) };
    tail.add(
      inRow(place, () => decodeBatch(payloadOf(row))),
      vantage,
      isWanted,
    );
    tail.packSome();
  }
}
