import type { EpochMillis, SeriesKey, VantageId } from '../../../core/ids.ts';
import type { ResultBatch } from '../../../core/result/probe-result.ts';
import { mergeRollups, type Rollup, rollupSeries } from '../../../core/history/rollup.ts';
import { type Series, sortSeries } from '../../../core/result/series.ts';
import { floorTo, hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import { splitByHour } from '../../series/batch-split.ts';
import type { Database } from '../file/database.ts';
import { hasRawBlock } from './raw-blocks.ts';
import { hasHourRollup, hourTable, minuteTable, readRollups, type RollupTable, writeRollups } from './rollup-blocks.ts';

/** Results for hours of which only the rollups are left because retention has deleted the raw ones. */
export interface AgedResults {
  isAged(key: SeriesKey, sentAt: EpochMillis): boolean;
  /** False for hours newer than any sealed one: they need no lookup. */
  mayBeSealed(hourAt: EpochMillis): boolean;
  /** Within a transaction: merges results into the rollups of their hours. */
  addToRollups(batch: ResultBatch, vantage: VantageId): void;
  /** Called for each hour that gets a block or rollup: everything from its end on cannot be aged. */
  noteSealed(hourAt: EpochMillis): void;
}

export function createAgedResults(database: Database): AgedResults {
  const newest = database.get('select max(to_millis) as to_millis from hour_rollup_blocks')?.['to_millis'];
  // Nearly all results are newer than anything sealed: they must not cost a query.
  let sealedUntil = typeof newest === 'number' ? newest : 0;
  return {
    isAged: (key, sentAt) => {
      if (sentAt >= sealedUntil) return false;
      const hourAt = floorTo(sentAt, hourMillis);
      return isHourAged(database, key, hourAt);
    },
    mayBeSealed: (hourAt) => hourAt < sealedUntil,
    addToRollups: (batch, vantage) => {
      for (const { targetId, hourAt, series } of splitByHour(batch)) {
        addHour(database, { targetId, vantage }, hourAt, sortSeries(series));
      }
    },
    noteSealed: (hourAt) => {
      sealedUntil = Math.max(sealedUntil, hourAt + hourMillis);
    },
  };
}

export function isHourAged(database: Database, key: SeriesKey, hourAt: EpochMillis): boolean {
  return !hasRawBlock(database, key, hourAt) && hasHourRollup(database, key, hourAt);
}

function addHour(database: Database, key: SeriesKey, hourAt: EpochMillis, series: Series): void {
  const minutes = rollupSeries(series, minuteMillis);
  addTo(database, minuteTable, key, hourAt, minutes);
  addTo(database, hourTable, key, hourAt, [mergeRollups(minutes, hourAt)]);
}

function addTo(
  database: Database,
  table: RollupTable,
  key: SeriesKey,
  hourAt: EpochMillis,
  added: readonly Rollup[],
): void {
  const stored = readRollups(database, table, key, { from: hourAt, to: hourAt + hourMillis });
  // If the minutes are gone as well, only the hour takes the late results.
  if (stored.length === 0) return;
  const starts = new Set([...stored, ...added].map(({ startAt }) => startAt));
  const at = (rollups: readonly Rollup[], startAt: EpochMillis): readonly Rollup[] =>
    rollups.filter((rollup) => rollup.startAt === startAt);
  const rollups = [...starts]
    .toSorted((a, b) => a - b)
    .map((startAt) => mergeRollups([...at(stored, startAt), ...at(added, startAt)], startAt));
  writeRollups(database, table, key, [{ hourAt, rollups }]);
}
