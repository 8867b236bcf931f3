import type { EpochMillis, TargetId } from '../../../core/ids.ts';
import { targetNotFound } from '../../../core/problem.ts';
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
import type { Queries, Row } from '../connection/connection.ts';
import { millisOf, numberIn, numberOrNone, textOrNull, timestamp } from '../connection/sql-values.ts';

const columns = `id, target_id, file_name, username, ${millisOf('started_at')} as started_at,
  ${millisOf('ended_at')} as ended_at, state, failure, ${millisOf('from_at')} as from_at, ${millisOf('to_at')} as to_at,
  row_count, stored, rolled_up, duplicates, refused, faults, ${millisOf('undone_at')} as undone_at, undone_by, removed,
  kept`;

function importFrom(row: Row): Import {
  return {
    id: numberIn(row, 'id'),
    targetId: numberIn(row, 'target_id') as TargetId,
    fileName: textOrNull(row, 'file_name') ?? undefined,
    username: String(row['username']),
    startedAt: numberIn(row, 'started_at'),
    endedAt: numberOrNone(row, 'ended_at'),
    state: String(row['state']) as ImportState,
    failure: textOrNull(row, 'failure') ?? undefined,
    from: numberOrNone(row, 'from_at'),
    to: numberOrNone(row, 'to_at'),
    rowCount: numberIn(row, 'row_count'),
    stored: numberIn(row, 'stored'),
    rolledUp: numberIn(row, 'rolled_up'),
    duplicates: numberIn(row, 'duplicates'),
    refused: { ...noRefusals, ...(row['refused'] as Partial<Import['refused']>) },
    faults: row['faults'] as Import['faults'],
    undoneAt: numberOrNone(row, 'undone_at'),
    undoneBy: textOrNull(row, 'undone_by') ?? undefined,
    removed: numberIn(row, 'removed'),
    kept: numberIn(row, 'kept'),
  };
}

const timeOrNull = (time: EpochMillis | undefined): string | null => (time === undefined ? null : timestamp(time));

export async function addImport(queries: Queries, added: NewImport): Promise<Import> {
  const { targetId, fileName, username, startedAt } = added;
  const [row] = await queries.all(
    `insert into pmd.imports (target_id, file_name, username, started_at, state)
     select id, $2, $3, $4, 'running' from pmd.targets where id = $1 returning ${columns}`,
    [targetId, fileName ?? null, username, timestamp(startedAt)],
  );
  if (row === undefined) throw targetNotFound(targetId);
  return importFrom(row);
}

export async function findImport(queries: Queries, id: number): Promise<Import | undefined> {
  const [row] = await queries.all(`select ${columns} from pmd.imports where id = $1`, [id]);
  return row && importFrom(row);
}

/** Newest first. */
export async function listImports(
  queries: Queries,
  { limit, targetId, beforeId = Number.MAX_SAFE_INTEGER }: ImportFilter,
): Promise<readonly Import[]> {
  const sql = `select ${columns} from pmd.imports
    where id < $1 and ($2::integer is null or target_id = $2) order by id desc limit $3`;
  return (await queries.all(sql, [beforeId, targetId ?? null, limit])).map(importFrom);
}

export async function listOpenImports(queries: Queries): Promise<readonly Import[]> {
  const sql = `select ${columns} from pmd.imports where state in ('running', 'undoing') order by id`;
  return (await queries.all(sql)).map(importFrom);
}

/** Within a transaction; `undefined` if its target has been purged. */
export async function changeImport(queries: Queries, id: number, change: ImportChange): Promise<Import | undefined> {
  const [row] = await queries.all(`select ${columns} from pmd.imports where id = $1 for update`, [id]);
  return row && putImport(queries, { ...importFrom(row), ...change });
}

async function putImport(queries: Queries, each: Import): Promise<Import> {
  const [row] = await queries.all(
    `update pmd.imports set ended_at = $2, state = $3, failure = $4, from_at = $5, to_at = $6, row_count = $7,
       stored = $8, rolled_up = $9, duplicates = $10, refused = $11, faults = $12, undone_at = $13, undone_by = $14,
       removed = $15, kept = $16
     where id = $1 returning ${columns}`,
    [
      ...[each.id, timeOrNull(each.endedAt), each.state, each.failure ?? null, timeOrNull(each.from)],
      ...[timeOrNull(each.to), each.rowCount, each.stored, each.rolledUp, each.duplicates],
      ...[JSON.stringify(each.refused), JSON.stringify(each.faults), timeOrNull(each.undoneAt)],
      ...[each.undoneBy ?? null, each.removed, each.kept],
    ],
  );
  if (row === undefined) throw new Error('an import went away under its lock');
  return importFrom(row);
}

/** First in the transaction that stores a batch of it. Throws a Problem `conflict` for one that has ended meanwhile. */
export async function lockRunning(queries: Queries, id: number): Promise<Import> {
  const [row] = await queries.all(`select ${columns} from pmd.imports where id = $1 for update`, [id]);
  return checkRunning(row && importFrom(row), id);
}

export async function noteStored(
  queries: Queries,
  before: Import,
  progress: ImportProgress,
  outcome: ImportOutcome,
): Promise<void> {
  await putImport(queries, withOutcome(before, progress, outcome));
}

export interface KeptHour extends StoredHour {
  readonly importId: number;
  readonly targetId: TargetId;
}

const keptColumns = `import_id, target_id, ${millisOf('hour_at')} as at_millis, is_raw,
  encode(payload, 'base64') as payload`;

function keptFrom(row: Row): KeptHour {
  return {
    importId: numberIn(row, 'import_id'),
    targetId: numberIn(row, 'target_id') as TargetId,
    hourAt: numberIn(row, 'at_millis'),
    isRaw: row['is_raw'] === true,
    rows: decodeSeries(Buffer.from(String(row['payload']), 'base64'), zstd),
  };
}

/** Within a transaction: what an import is undone by. */
export async function keepHours(
  queries: Queries,
  { id, targetId }: Pick<Import, 'id' | 'targetId'>,
  hours: readonly StoredHour[],
): Promise<void> {
  const hourAts = [...new Set(hours.map(({ hourAt }) => hourAt))];
  const known = (await keptHours(queries, targetId, hourAts)).filter(({ importId }) => importId === id);
  const all = hours.map(({ hourAt, isRaw, rows }) => {
    const before = known.filter((each) => each.hourAt === hourAt && each.isRaw === isRaw);
    return { hourAt, isRaw, rows: joinedRows([...before.map((each) => each.rows), rows]) };
  });
  const payloads = all.map(({ rows }) => Buffer.from(encodeSeries(rows, zstd)).toString('base64'));
  await queries.all(
    `insert into pmd.import_hours (import_id, target_id, hour_at, is_raw, result_count, payload)
     select $1::bigint, $2::integer, hour_at, is_raw, result_count, decode(payload, 'base64')
     from unnest($3::timestamptz[], $4::text[], $5::integer[], $6::text[])
       as new (hour_at, raw, result_count, payload), lateral (select raw = 'raw' as is_raw) as kind
     on conflict (import_id, hour_at, is_raw)
     do update set result_count = excluded.result_count, payload = excluded.payload`,
    [
      ...[id, targetId, all.map(({ hourAt }) => timestamp(hourAt)), all.map(({ isRaw }) => (isRaw ? 'raw' : ''))],
      ...[all.map(({ rows }) => rows.length), payloads],
    ],
  );
}

/** What all imports have stored of some hours of a target. */
export async function keptHours(
  queries: Queries,
  targetId: TargetId,
  hourAts: readonly EpochMillis[],
): Promise<readonly KeptHour[]> {
  if (hourAts.length === 0) return [];
  const sql = `select ${keptColumns} from pmd.import_hours where target_id = $1 and hour_at = any ($2::timestamptz[])`;
  return (await queries.all(sql, [targetId, hourAts.map(timestamp)])).map(keptFrom);
}

/** Of one import, oldest first. */
export async function nextKeptHours(queries: Queries, importId: number, limit: number): Promise<readonly KeptHour[]> {
  const sql = `select ${keptColumns} from pmd.import_hours where import_id = $1 order by hour_at, is_raw limit $2`;
  return (await queries.all(sql, [importId, limit])).map(keptFrom);
}

/** Within a transaction. */
export async function dropKeptHour(queries: Queries, { importId, hourAt, isRaw }: KeptHour): Promise<void> {
  const sql = 'delete from pmd.import_hours where import_id = $1 and hour_at = $2 and is_raw = $3';
  await queries.all(sql, [importId, timestamp(hourAt), isRaw]);
}

const hoursAtOnce = 24;

/** The rows that imports have stored of a target with from <= sentAt < to, a few hours at a time. */
export async function* streamKeptRows(
  queries: Queries,
  targetId: TargetId,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): AsyncGenerator<Series> {
  for (let next = floorTo(from, hourMillis); next < to;) {
    const sql = `select distinct ${millisOf('hour_at')} as at from pmd.import_hours
      where target_id = $1 and hour_at >= $2 and hour_at < $3 order by at limit $4`;
    const found = await queries.all(sql, [targetId, timestamp(next), timestamp(to), hoursAtOnce]);
    const hourAts = found.map((row) => numberIn(row, 'at'));
    if (hourAts.length === 0) return;
    yield joinedRows((await keptHours(queries, targetId, hourAts)).map(({ rows }) => rows));
    next = (hourAts.at(-1) ?? to) + hourMillis;
  }
}

/** Of all targets, by id from the one after `afterId`. */
export async function listImportsAfter(queries: Queries, afterId: number, limit: number): Promise<readonly Import[]> {
  const sql = `select ${columns} from pmd.imports where id > $1 order by id limit $2`;
  return (await queries.all(sql, [afterId, limit])).map(importFrom);
}

/** Within a transaction: under their ids. */
export async function putImports(queries: Queries, moved: readonly Import[]): Promise<void> {
  for (const each of moved) {
    await queries.all(
      `insert into pmd.imports (id, target_id, file_name, username, started_at, state) overriding system value
       values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing`,
      [each.id, each.targetId, each.fileName ?? null, each.username, timestamp(each.startedAt), each.state],
    );
    await putImport(queries, each);
  }
}

export async function readPackedHours(
  queries: Queries,
  { importId, hourAt, isRaw }: PackedHourPlace,
  limit: number,
): Promise<readonly PackedHour[]> {
  const sql = `select ${keptColumns}, result_count from pmd.import_hours
    where (import_id, hour_at, is_raw) > ($1, $2, $3) order by import_id, hour_at, is_raw limit $4`;
  const rows = await queries.all(sql, [importId, timestamp(hourAt), isRaw, limit]);
  return rows.map((row) => ({
    importId: numberIn(row, 'import_id'),
    targetId: numberIn(row, 'target_id') as TargetId,
    hourAt: numberIn(row, 'at_millis'),
    isRaw: row['is_raw'] === true,
    resultCount: numberIn(row, 'result_count'),
    payload: new Uint8Array(Buffer.from(String(row['payload']), 'base64')),
  }));
}

/** Within a transaction. */
export async function putPackedHours(queries: Queries, hours: readonly PackedHour[]): Promise<void> {
  await queries.all(
    `insert into pmd.import_hours (import_id, target_id, hour_at, is_raw, result_count, payload)
     select import_id, target_id, hour_at, kind = 'raw', result_count, decode(payload, 'base64')
     from unnest($1::bigint[], $2::integer[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[])
       as new (import_id, target_id, hour_at, kind, result_count, payload)
     on conflict do nothing`,
    [
      hours.map(({ importId }) => importId),
      hours.map(({ targetId }) => targetId),
      hours.map(({ hourAt }) => timestamp(hourAt)),
      hours.map(({ isRaw }) => (isRaw ? 'raw' : '')),
      hours.map(({ resultCount }) => resultCount),
      hours.map(({ payload }) => Buffer.from(payload).toString('base64')),
    ],
  );
}

/** The oldest hour of which a running import has stored raw results: they stay until it has ended. */
export async function oldestHourInUse(queries: Queries): Promise<EpochMillis> {
  const sql = `select ${millisOf('min(hour_at)')} as at from pmd.import_hours
    where is_raw and import_id in (select id from pmd.imports where state in ('running', 'undoing'))`;
  const [row] = await queries.all(sql);
  return (row && numberOrNone(row, 'at')) ?? Number.POSITIVE_INFINITY;
}
