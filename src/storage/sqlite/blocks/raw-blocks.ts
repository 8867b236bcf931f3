import type { EpochMillis, SeriesKey } from '../../../core/ids.ts';
import { decodeSeries, encodeSeries } from '../../../core/result/series-codec.ts';
import type { Series } from '../../../core/result/series.ts';
import { floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import { zstd } from '../../series/compression.ts';
import { inRow, type Place } from '../file/damage.ts';
import type { Database, Row } from '../file/database.ts';
import { bitsOf, joinHours, type JoinedHour, offsetsOf, splitHours } from './joined-hours.ts';

/** If the hours of such a span are joined, one row holds them all; otherwise each has a row of its own, a piece. */
export const rawSpanMillis = 6 * hourMillis;

const spanOf = (hourAt: EpochMillis): EpochMillis => floorTo(hourAt, rawSpanMillis);
const offsetOf = (hourAt: EpochMillis): number => (hourAt - spanOf(hourAt)) / hourMillis;

/** The hours that a row holds. */
function hoursOf(row: Row): readonly EpochMillis[] {
  const from = Number(row['hour_at_millis']);
  const joinedHours = Number(row['joined_hours']);
  return joinedHours === 0 ? [from] : offsetsOf(joinedHours).map((offset) => from + offset * hourMillis);
}

function joinedBlockOf(
  database: Database,
  key: SeriesKey,
  hourAt: EpochMillis,
): { readonly place: Place; readonly hours: readonly JoinedHour[] } | undefined {
  const sql = `select id, joined_hours, payload from raw_blocks
    where target_id = ? and vantage = ? and hour_at_millis = ? and joined_hours > 0`;
  const row = database.get(sql, key.targetId, key.vantage, spanOf(hourAt));
  if (row === undefined) return undefined;
  const place = placeOf(row, key, spanOf(hourAt));
  return { place, hours: inRow(place, () => splitHours(payloadOf(row), Number(row['joined_hours']))) };
}

const placeOf = (row: Row, { targetId }: SeriesKey, at: EpochMillis): Place => {
  return { table: 'raw_blocks', id: Number(row['id']), targetId, at };
};

/** The stored raw results of one series and hour; `undefined` if there are none. */
export function readRawBlock(database: Database, key: SeriesKey, hourAt: EpochMillis): Series | undefined {
  const sql = `select id, payload from raw_blocks
    where target_id = ? and vantage = ? and hour_at_millis = ? and joined_hours = 0`;
  const piece = database.get(sql, key.targetId, key.vantage, hourAt);
  if (piece !== undefined) return inRow(placeOf(piece, key, hourAt), () => decodeSeries(payloadOf(piece), zstd));
  const joined = joinedBlockOf(database, key, hourAt);
  const hour = joined?.hours.find(({ offset }) => offset === offsetOf(hourAt));
  return joined && hour && inRow({ ...joined.place, at: hourAt }, () => decodeSeries(hour.payload, zstd));
}

export function hasRawBlock(database: Database, key: SeriesKey, hourAt: EpochMillis): boolean {
  return rawHoursBetween(database, key, { from: hourAt, to: hourAt + hourMillis, limit: 1 }).length > 0;
}

/** The hours with from <= hour < to that have raw results, ascending, `limit` at most. */
export function rawHoursBetween(
  database: Database,
  key: SeriesKey,
  { from, to, limit }: { readonly from: EpochMillis; readonly to: EpochMillis; readonly limit: number },
): EpochMillis[] {
  const sql = `select hour_at_millis, joined_hours from raw_blocks where target_id = ? and vantage = ?
    and hour_at_millis >= ? and hour_at_millis < ? order by hour_at_millis limit ?`;
  // The rows of the span that contains `from` may have no hour of the stretch.
  return database
    .all(sql, key.targetId, key.vantage, spanOf(from), to, limit + rawSpanMillis / hourMillis)
    .flatMap(hoursOf)
    .filter((hourAt) => hourAt >= from && hourAt < to)
    .slice(0, limit);
}

/** The newest hour before a time that has raw results. */
export function rawHourBefore(database: Database, key: SeriesKey, before: EpochMillis): EpochMillis | undefined {
  // A joined block that begins before the time may have only later hours; the one before it cannot.
  const sql = `select hour_at_millis, joined_hours from raw_blocks
    where target_id = ? and vantage = ? and hour_at_millis < ? order by hour_at_millis desc limit 2`;
  const hours = database
    .all(sql, key.targetId, key.vantage, before)
    .flatMap(hoursOf)
    .filter((hourAt) => hourAt < before);
  return hours.length === 0 ? undefined : Math.max(...hours);
}

/** Within a transaction; replaces the hour's results if there are any. */
export function writeRawBlock(database: Database, key: SeriesKey, hourAt: EpochMillis, series: Series): void {
  const hour = { offset: offsetOf(hourAt), resultCount: series.length, payload: encodeSeries(series, zstd) };
  const joined = joinedBlockOf(database, key, hourAt);
  if (joined === undefined) {
    writeRow(database, key, { hourAt, joinedHours: 0, resultCount: hour.resultCount, payload: hour.payload });
  } else {
    writeJoined(database, key, hourAt, [...joined.hours.filter(({ offset }) => offset !== hour.offset), hour]);
  }
}

/** Within a transaction. */
export function deleteRawBlock(database: Database, key: SeriesKey, hourAt: EpochMillis): void {
  const joined = joinedBlockOf(database, key, hourAt);
  const left = joined?.hours.filter(({ offset }) => offset !== offsetOf(hourAt)) ?? [];
  const place = joined === undefined ? hourAt : spanOf(hourAt);
  if (left.length > 0) writeJoined(database, key, hourAt, left);
  else {
    const sql = 'delete from raw_blocks where target_id = ? and vantage = ? and hour_at_millis = ?';
    database.run(sql, key.targetId, key.vantage, place);
  }
}

function writeJoined(database: Database, key: SeriesKey, within: EpochMillis, hours: readonly JoinedHour[]): void {
  const ascending = hours.toSorted((a, b) => a.offset - b.offset);
  writeRow(database, key, {
    hourAt: spanOf(within),
    joinedHours: bitsOf(hours),
    resultCount: hours.reduce((sum, { resultCount }) => sum + resultCount, 0),
    payload: joinHours(ascending),
  });
}

interface RawRow {
  readonly hourAt: EpochMillis;
  readonly joinedHours: number;
  readonly resultCount: number;
  readonly payload: Uint8Array;
}

function writeRow(database: Database, key: SeriesKey, row: RawRow): void {
  database.run(
    `insert into raw_blocks (target_id, vantage, hour_at_millis, joined_hours, result_count, payload)
     values (?, ?, ?, ?, ?, ?) on conflict (target_id, vantage, hour_at_millis) do update set
     joined_hours = excluded.joined_hours, result_count = excluded.result_count, payload = excluded.payload`,
    ...[key.targetId, key.vantage, row.hourAt, row.joinedHours, row.resultCount, row.payload],
  );
}

/** Within a transaction: joins the oldest pieces of one series and span; false if none is older than `before`. */
export function joinOldestRawSpan(database: Database, before: EpochMillis): boolean {
  const sql = `select target_id, vantage, hour_at_millis from raw_blocks
    where joined_hours = 0 and hour_at_millis < ? order by hour_at_millis limit 1`;
  const oldest = database.get(sql, spanOf(before));
  if (oldest === undefined) return false;
  const key = { targetId: Number(oldest['target_id']), vantage: Number(oldest['vantage']) } as SeriesKey;
  const from = spanOf(Number(oldest['hour_at_millis']));
  const pieces = database.all(
    `select hour_at_millis, result_count, payload from raw_blocks where target_id = ? and vantage = ?
     and hour_at_millis >= ? and hour_at_millis < ? and joined_hours = 0 order by hour_at_millis`,
    ...[key.targetId, key.vantage, from, from + rawSpanMillis],
  );
  const hours = pieces.map((row) => ({
    offset: offsetOf(Number(row['hour_at_millis'])),
    resultCount: Number(row['result_count']),
    payload: payloadOf(row),
  }));
  database.run(
    'delete from raw_blocks where target_id = ? and vantage = ? and hour_at_millis >= ? and hour_at_millis < ?',
    ...[key.targetId, key.vantage, from, from + rawSpanMillis],
  );
  writeJoined(database, key, from, hours);
  return true;
}

export function hasRawPieces(database: Database, before: EpochMillis): boolean {
  const sql = 'select 1 from raw_blocks where joined_hours = 0 and hour_at_millis < ? limit 1';
  return database.get(sql, spanOf(before)) !== undefined;
}

export function payloadOf(row: Row): Uint8Array {
  const payload = row['payload'];
  if (!(payload instanceof Uint8Array)) throw new Error('a payload is not a blob');
  return payload;
}
