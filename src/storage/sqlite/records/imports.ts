import { type EpochMillis, type TargetId } from '../../../core/ids.ts';
import { decodeSeries, encodeSeries } from '../../../core/result/series-codec.ts';
import type { Series } from '../../../core/result/series.ts';
import { floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import { zstd } from '../../series/compression.ts';
import {
  checkRunning,
  type Import,
  type ImportChange,
  type ImportFilter,
  type ImportOutcome,
  type ImportProgress,
  type ImportState,
  joinedRows,
  type NewImport,
  noRefusals,
  type PackedHour,
  type PackedHourPlace,
  type StoredHour,
  withOutcome,
} from '../../records/imports.ts';
import { inRow } from '../file/damage.ts';
import type { Database, Row } from '../file/database.ts';
import { payloadOf } from '../blocks/raw-blocks.ts';

const noneIfNull = (value: Row[string] | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;
const textIfAny = (value: Row[string] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

function importFrom(row: Row): Import {
  return {
    id: Number(row['id']),
    targetId: Number(row['target_id']) as TargetId,
    fileName: textIfAny(row['file_name']),
    username: String(row['username']),
    startedAt: Number(row['started_at_millis']),
    endedAt: noneIfNull(row['ended_at_millis']),
    state: String(row['state']) as ImportState,
    failure: textIfAny(row['failure']),
    from: noneIfNull(row['from_millis']),
    to: noneIfNull(row['to_millis']),
    rowCount: Number(row['row_count']),
    stored: Number(row['stored']),
    rolledUp: Number(row['rolled_up']),
    duplicates: Number(row['duplicates']),
    refused: { ...noRefusals, ...(JSON.parse(String(row['refused'])) as Partial<Import['refused']>) },
    faults: JSON.parse(String(row['faults'])) as Import['faults'],
    undoneAt: noneIfNull(row['undone_at_millis']),
    undoneBy: textIfAny(row['undone_by']),
    removed: Number(row['removed']),
    kept: Number(row['kept']),
  };
}

/** Within a transaction. */
export function addImport(database: Database, { targetId, fileName, username, startedAt }: NewImport): Import {
  const { lastId } = database.run(
    `insert into imports (target_id, file_name, username, started_at_millis, state)
     select id, ?, ?, ?, 'running' from targets where id = ?`,
    ...[fileName ?? null, username, startedAt, targetId],
  );
  const added = findImport(database, lastId);
  if (added === undefined) throw new Error('an import was not stored');
  return added;
}

export function findImport(database: Database, id: number): Import | undefined {
  const row = database.get('select * from imports where id = ?', id);
  return row && importFrom(row);
}

/** Newest first. */
export function listImports(
  database: Database,
  { limit, targetId, beforeId = Number.MAX_SAFE_INTEGER }: ImportFilter,
): readonly Import[] {
  const sql = `select * from imports where id < ?1 and (?2 is null or target_id = ?2) order by id desc limit ?3`;
  return database.all(sql, beforeId, targetId ?? null, limit).map(importFrom);
}

/** Those that this or an earlier process has begun and not ended. */
export function listOpenImports(database: Database): readonly Import[] {
  return database.all(`select * from imports where state in ('running', 'undoing') order by id`).map(importFrom);
}

/** Within a transaction; `undefined` if its target has been purged. */
export function changeImport(database: Database, id: number, change: ImportChange): Import | undefined {
  const before = findImport(database, id);
  if (before === undefined) return undefined;
  putImport(database, { ...before, ...change });
  return findImport(database, id);
}

/** Within a transaction: as it is, under its id. */
export function putImport(database: Database, each: Import): void {
  database.run(
    `insert into imports (id, target_id, file_name, username, started_at_millis, ended_at_millis, state, failure,
       from_millis, to_millis, row_count, stored, rolled_up, duplicates, refused, faults, undone_at_millis, undone_by,
       removed, kept) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (id) do update set ended_at_millis = excluded.ended_at_millis, state = excluded.state,
       failure = excluded.failure, from_millis = excluded.from_millis, to_millis = excluded.to_millis,
       row_count = excluded.row_count, stored = excluded.stored, rolled_up = excluded.rolled_up,
       duplicates = excluded.duplicates, refused = excluded.refused, faults = excluded.faults,
       undone_at_millis = excluded.undone_at_millis, undone_by = excluded.undone_by, removed = excluded.removed,
       kept = excluded.kept`,
    ...[each.id, each.targetId, each.fileName ?? null, each.username, each.startedAt, each.endedAt ?? null],
    ...[each.state, each.failure ?? null, each.from ?? null, each.to ?? null, each.rowCount, each.stored],
    ...[each.rolledUp, each.duplicates, JSON.stringify(each.refused), JSON.stringify(each.faults)],
    ...[each.undoneAt ?? null, each.undoneBy ?? null, each.removed, each.kept],
  );
}

/** Within the transaction that stores a batch of it. Throws a Problem `conflict` for one that has ended meanwhile. */
export function noteStored(database: Database, id: number, progress: ImportProgress, outcome: ImportOutcome): void {
  putImport(database, withOutcome(checkRunning(findImport(database, id), id), progress, outcome));
}

/** Within a transaction: what an import is undone by. */
export function keepHours(
  database: Database,
  { id, targetId }: Pick<Import, 'id' | 'targetId'>,
  hours: readonly StoredHour[],
): void {
  for (const { hourAt, rows, isRaw } of hours) {
    const known = keptHours(database, { targetId, hourAt }).filter(
      (each) => each.importId === id && each.isRaw === isRaw,
    );
    const all = joinedRows([...known.map((each) => each.rows), rows]);
    database.run(
      `insert into import_hours (import_id, target_id, hour_at_millis, is_raw, result_count, payload)
       values (?, ?, ?, ?, ?, ?) on conflict (import_id, hour_at_millis, is_raw)
       do update set result_count = excluded.result_count, payload = excluded.payload`,
      ...[id, targetId, hourAt, isRaw ? 1 : 0, all.length, encodeSeries(all, zstd)],
    );
  }
}

export interface KeptHour extends StoredHour {
  readonly rowId: number;
  readonly importId: number;
  readonly targetId: TargetId;
}

function keptFrom(row: Row): KeptHour {
  const [rowId, targetId, hourAt] = [Number(row['id']), Number(row['target_id']), Number(row['hour_at_millis'])];
  const place = { table: 'import_hours', id: rowId, targetId, at: hourAt };
  const rows: Series = inRow(place, () => decodeSeries(payloadOf(row), zstd));
  const importId = Number(row['import_id']);
  return { rowId, importId, targetId: targetId as TargetId, hourAt, rows, isRaw: row['is_raw'] === 1 };
}

/** What all imports have stored of one hour of a target. */
export function keptHours(
  database: Database,
  { targetId, hourAt }: { readonly targetId: TargetId; readonly hourAt: EpochMillis },
): readonly KeptHour[] {
  return database
    .all('select * from import_hours where target_id = ? and hour_at_millis = ?', targetId, hourAt)
    .map(keptFrom);
}

/** Of one import, oldest first. */
export function nextKeptHour(database: Database, importId: number): KeptHour | undefined {
  const row = database.get('select * from import_hours where import_id = ? order by hour_at_millis limit 1', importId);
  return row && keptFrom(row);
}

/** The rows of the next hour of a target of which any import has stored some, with from <= sentAt < to. */
export function readKeptRows(
  database: Database,
  targetId: TargetId,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): { readonly hourAt: EpochMillis; readonly rows: Series } | undefined {
  const sql = `select hour_at_millis from import_hours where target_id = ? and hour_at_millis >= ?
    and hour_at_millis < ? order by hour_at_millis limit 1`;
  const first = database.get(sql, targetId, floorTo(from, hourMillis), to);
  if (first === undefined) return undefined;
  const hourAt = Number(first['hour_at_millis']);
  return { hourAt, rows: joinedRows(keptHours(database, { targetId, hourAt }).map(({ rows }) => rows)) };
}

/** Of all targets, by id from the one after `afterId`. */
export function listImportsAfter(database: Database, afterId: number, limit: number): readonly Import[] {
  return database.all('select * from imports where id > ? order by id limit ?', afterId, limit).map(importFrom);
}

export function readPackedHours(
  database: Database,
  { importId, hourAt, isRaw }: PackedHourPlace,
  limit: number,
): readonly PackedHour[] {
  const sql = `select * from import_hours where (import_id, hour_at_millis, is_raw) > (?, ?, ?)
    order by import_id, hour_at_millis, is_raw limit ?`;
  return database
    .all(sql, importId, hourAt, isRaw ? 1 : 0, limit)
    .map((row) => ({
      importId: Number(row['import_id']),
      targetId: Number(row['target_id']) as TargetId,
      hourAt: Number(row['hour_at_millis']),
      isRaw: row['is_raw'] === 1,
      resultCount: Number(row['result_count']),
      payload: payloadOf(row),
    }));
}

/** Within a transaction. */
export function putPackedHours(database: Database, hours: readonly PackedHour[]): void {
  for (const { importId, targetId, hourAt, isRaw, resultCount, payload } of hours) {
    database.run(
      `insert into import_hours (import_id, target_id, hour_at_millis, is_raw, result_count, payload)
       values (?, ?, ?, ?, ?, ?) on conflict do nothing`,
      ...[importId, targetId, hourAt, isRaw ? 1 : 0, resultCount, payload],
    );
  }
}

/** The oldest hour of which a running import has stored raw results: they stay until it has ended. */
export function oldestHourInUse(database: Database): EpochMillis {
  const sql = `select min(hour_at_millis) as hour_at_millis from import_hours
    where is_raw = 1 and import_id in (select id from imports where state in ('running', 'undoing'))`;
  return noneIfNull(database.get(sql)?.['hour_at_millis']) ?? Number.POSITIVE_INFINITY;
}
