import type { EpochMillis } from '../../../core/ids.ts';
import type { Resolution } from '../../../core/history/window.ts';
import { dayMillis, floorTo } from '../../../core/history/time-buckets.ts';
import type { Retention } from '../../port.ts';
import type { Database } from '../file/database.ts';
import { rawSpanMillis } from './raw-blocks.ts';
import { hourTable, minuteTable } from './rollup-blocks.ts';

/** Below its floor a resolution's data have been deleted by age. */
export type RetentionFloors = Readonly<Record<Resolution, EpochMillis>>;

export function readRetentionFloors(database: Database): RetentionFloors {
  const rows = database.all('select resolution, floor_at_millis from retention_floors');
  const floorOf = (resolution: Resolution): EpochMillis =>
    Number(rows.find((row) => row['resolution'] === resolution)?.['floor_at_millis'] ?? 0);
  return { raw: floorOf('raw'), '1m': floorOf('1m'), '1h': floorOf('1h') };
}

/** Within a transaction; a floor never decreases. */
export function raiseRetentionFloor(database: Database, resolution: Resolution, floorAt: EpochMillis): void {
  const sql = 'update retention_floors set floor_at_millis = max(floor_at_millis, ?) where resolution = ?';
  database.run(sql, floorAt, resolution);
}

/**
 * Data older than these times have expired: whole spans of raw results, whole days of minutes, whole months of hours. 0 if data
 * are kept for ever.
 */
export function retentionCutoffs(now: EpochMillis, retention: Retention): RetentionFloors {
  const { rawDays, minuteDays, hourDays } = retention;
  return {
    raw: rawDays === 0 ? 0 : floorTo(now - rawDays * dayMillis, rawSpanMillis),
    '1m': minuteDays === 0 ? 0 : minuteTable.spanStart(now - minuteDays * dayMillis),
    '1h': hourDays === 0 ? 0 : hourTable.spanStart(now - hourDays * dayMillis),
  };
}
