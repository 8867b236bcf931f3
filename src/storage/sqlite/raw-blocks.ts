import type { EpochMillis } from '../../core/ids.ts';
import { decodeSeries, encodeSeries } from '../../core/series-codec.ts';
import type { Series } from '../../core/series.ts';
import { zstd } from './compression.ts';
import type { Database, Row } from './database.ts';
import type { SeriesKey } from './series-key.ts';

/** The stored raw results of one series and hour; `undefined` when there is no block. */
export function readRawBlock(database: Database, key: SeriesKey, hourAt: EpochMillis): Series | undefined {
  const sql = 'select payload from raw_blocks where target_id = ? and vantage = ? and hour_at_millis = ?';
  const row = database.get(sql, key.targetId, key.vantage, hourAt);
  return row && decodeSeries(payloadOf(row), zstd);
}

export function hasRawBlock(database: Database, key: SeriesKey, hourAt: EpochMillis): boolean {
  const sql = 'select 1 from raw_blocks where target_id = ? and vantage = ? and hour_at_millis = ?';
  return database.get(sql, key.targetId, key.vantage, hourAt) !== undefined;
}

/** The hours with from <= hour < to that have a block, ascending, `limit` at most. */
export function rawHoursBetween(
  database: Database,
  key: SeriesKey,
  { from, to, limit }: { readonly from: EpochMillis; readonly to: EpochMillis; readonly limit: number },
): EpochMillis[] {
  const sql = `select hour_at_millis from raw_blocks where target_id = ? and vantage = ?
    and hour_at_millis >= ? and hour_at_millis < ? order by hour_at_millis limit ?`;
  return database.all(sql, key.targetId, key.vantage, from, to, limit).map((row) => Number(row['hour_at_millis']));
}

/** The newest hour before a time that has a block. */
export function rawHourBefore(database: Database, key: SeriesKey, before: EpochMillis): EpochMillis | undefined {
  const sql = `select max(hour_at_millis) as hour_at_millis from raw_blocks
    where target_id = ? and vantage = ? and hour_at_millis < ?`;
  const hourAt = database.get(sql, key.targetId, key.vantage, before)?.['hour_at_millis'];
  return typeof hourAt === 'number' ? hourAt : undefined;
}

/** Within a transaction; takes the place of the hour's block if there is one. */
export function writeRawBlock(database: Database, key: SeriesKey, hourAt: EpochMillis, series: Series): void {
  database.run(
    `insert into raw_blocks (target_id, vantage, hour_at_millis, result_count, payload) values (?, ?, ?, ?, ?)
     on conflict (target_id, vantage, hour_at_millis)
     do update set result_count = excluded.result_count, payload = excluded.payload`,
    ...[key.targetId, key.vantage, hourAt, series.length, encodeSeries(series, zstd)],
  );
}

export function payloadOf(row: Row): Uint8Array {
  const payload = row['payload'];
  if (!(payload instanceof Uint8Array)) throw new Error('a payload is not a blob');
  return payload;
}
