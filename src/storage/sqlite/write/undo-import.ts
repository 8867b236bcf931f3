import { type EpochMillis, type SeriesKey, mainVantage } from '../../../core/ids.ts';
import type { ResultBatch } from '../../../core/result/probe-result.ts';
import { emptySeries, type Series } from '../../../core/result/series.ts';
import { hourMillis } from '../../../core/history/time-buckets.ts';
import { joinedRows, withoutTimesOf } from '../../records/imports.ts';
import { batchOf, type Dependencies } from './backfill.ts';
import type { Database } from '../file/database.ts';
import { type KeptHour, keptHours, nextKeptHour } from '../records/imports.ts';
import { deleteRawBlock, readRawBlock } from '../blocks/raw-blocks.ts';
import { readRetentionFloors } from '../blocks/retention-floors.ts';
import { hourTable, minuteTable, readRollups, writeRollups } from '../blocks/rollup-blocks.ts';
import { writeHours } from '../blocks/sealing.ts';
import type { TailHour } from '../blocks/tail-hour.ts';

// A commit waits for at most one slice.
const sliceMillis = 50;

/** What an hour of the tail contains from now on. */
interface TailChange {
  readonly key: SeriesKey;
  readonly hour: TailHour;
  readonly rows: ResultBatch;
}

/** One slice in one transaction: removes what an import has stored, hour by hour; returns whether there is more. */
export function undoSomeOfImport(dependencies: Dependencies, id: number): boolean {
  const { database, tail } = dependencies;
  const startedAt = performance.now();
  const { change, hasMore } = database.transaction(() => {
    for (let kept = nextKeptHour(database, id); kept !== undefined; kept = nextKeptHour(database, id)) {
      const changed = undoHour(dependencies, kept);
      database.run('delete from import_hours where id = ?', kept.rowId);
      // The memory follows the transaction, and the next hour may be the same one.
      const isTimeUp = performance.now() - startedAt >= sliceMillis;
      if (changed !== undefined || isTimeUp) return { change: changed, hasMore: true };
    }
    return { change: undefined, hasMore: false };
  });
  if (change === undefined) return hasMore;
  tail.remove(change.key, change.hour);
  tail.add(change.rows, change.key.vantage);
  return hasMore;
}

function undoHour(dependencies: Dependencies, kept: KeptHour): TailChange | undefined {
  const { database, tail } = dependencies;
  const { targetId, hourAt, rows: own, importId } = kept;
  const key = { targetId, vantage: mainVantage };
  const hour = tail.hourOf(key, hourAt);
  const block = readRawBlock(database, key, hourAt);
  if (hour === undefined && block === undefined) {
    undoRolledUp(dependencies, kept, key);
    return undefined;
  }
  const sql = 'delete from unsealed_batches where import_id = ? and from_millis >= ? and from_millis < ?';
  database.run(sql, importId, hourAt, hourAt + hourMillis);
  if (block !== undefined) writeRest(dependencies, key, hourAt, withoutTimesOf(block, own), 0);
  count(database, importId, { removed: own.length, kept: 0 });
  if (hour === undefined) return undefined;
  return { key, hour, rows: batchOf(targetId, withoutTimesOf(hour.rows(), own)) };
}

/** The raw results are gone: possible if everything rolled up came by imports whose own rows still exist. */
function undoRolledUp({ database, aged }: Dependencies, kept: KeptHour, key: SeriesKey): void {
  const { hourAt, rows: own, importId } = kept;
  const [rollup] = readRollups(database, hourTable, key, { from: hourAt, to: hourAt + hourMillis });
  const all = joinedRows([emptySeries, ...keptHours(database, kept).map(({ rows }) => rows)]);
  const isRemovable = rollup === undefined || rollup.sent + rollup.notSent === all.length;
  if (isRemovable) {
    const rest = withoutTimesOf(all, own);
    writeRest({ database, aged }, key, hourAt, rollup === undefined ? emptySeries : rest, Number.POSITIVE_INFINITY);
  }
  count(database, importId, isRemovable ? { removed: own.length, kept: 0 } : { removed: 0, kept: own.length });
}

/** Replaces everything that a sealed hour contained. */
function writeRest(
  { database, aged }: Pick<Dependencies, 'database' | 'aged'>,
  key: SeriesKey,
  hourAt: EpochMillis,
  rows: Series,
  rawFrom: EpochMillis,
): void {
  if (rows.length > 0) {
    const floor = readRetentionFloors(database)['1m'];
    writeHours({ database, aged }, key, [{ hourAt, rows }], { raw: rawFrom, '1m': floor });
    return;
  }
  deleteRawBlock(database, key, hourAt);
  for (const table of [minuteTable, hourTable]) writeRollups(database, table, key, [{ hourAt, rollups: [] }]);
}

function count(database: Database, id: number, { removed, kept }: { removed: number; kept: number }): void {
  database.run('update imports set removed = removed + ?, kept = kept + ? where id = ?', removed, kept, id);
}
