import type { SeriesKey, TargetId } from '../../../core/ids.ts';
import { DamagedBytesError } from '../../../core/bytes/bytes.ts';
import { type Hop, type NewTrace, plainPathHops, type StoredTrace } from '../../../core/path/path.ts';
import { hopsFromJson, hopsToJson } from '../../records/trace-row.ts';
import { inRow } from '../file/damage.ts';
import type { Database, Row } from '../file/database.ts';

const columns = 'id, target_id, vantage, started_at_millis, finished_at_millis, is_destination_reached, hops';

/** Throws `DamagedBytesError`. */
export function readHops(text: Row[string] | undefined): readonly Hop[] {
  try {
    return hopsFromJson(String(text));
  } catch (error) {
    throw new DamagedBytesError('The hops cannot be read.', { cause: error });
  }
}

function traceFrom(row: Row): StoredTrace {
  const [id, targetId, at] = [Number(row['id']), Number(row['target_id']), Number(row['started_at_millis'])];
  const place = { table: 'traces', id, targetId, at };
  return {
    id,
    targetId: targetId as TargetId,
    vantage: Number(row['vantage']),
    path: {
      startedAt: at,
      finishedAt: Number(row['finished_at_millis']),
      isDestinationReached: row['is_destination_reached'] === 1,
      hops: inRow(place, () => readHops(row['hops'])),
    },
  };
}

/** Within a transaction; `undefined` if the target was purged meanwhile. */
export function insertTrace(database: Database, { targetId, vantage, path }: NewTrace): StoredTrace | undefined {
  const { startedAt, finishedAt, isDestinationReached, hops } = path;
  const sql = `insert into traces (target_id, vantage, started_at_millis, finished_at_millis, is_destination_reached, hops)
    select id, ?, ?, ?, ?, ? from targets where id = ? returning ${columns}`;
  const values = [vantage, startedAt, finishedAt, isDestinationReached ? 1 : 0, hopsToJson(hops), targetId];
  const row = database.get(sql, ...values);
  return row && traceFrom(row);
}

export function listTraces(
  database: Database,
  { targetId, vantage }: SeriesKey,
  { limit, beforeId = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly beforeId: number | undefined },
): readonly StoredTrace[] {
  const sql = `select ${columns} from traces where target_id = ? and vantage = ? and id < ?
    order by id desc limit ?`;
  return database.all(sql, targetId, vantage, beforeId, limit).map(traceFrom);
}

export function listLongTraces(database: Database): readonly StoredTrace[] {
  // Damage is reported where the trace is shown, and need not keep the server from starting.
  const sql = `select ${columns} from traces where id in (select max(id) from traces group by target_id, vantage)
    and case when json_valid(hops) then json_array_length(hops) end > ?`;
  return database.all(sql, plainPathHops).map(traceFrom);
}

/** Of all targets, by id. */
export function listTracesAfter(database: Database, afterId: number, limit: number): readonly StoredTrace[] {
  return database.all(`select ${columns} from traces where id > ? order by id limit ?`, afterId, limit).map(traceFrom);
}

/** Within a transaction: under its id, unless it exists already. */
export function putTrace(database: Database, { id, targetId, vantage, path }: StoredTrace): void {
  const { startedAt, finishedAt, isDestinationReached, hops } = path;
  database.run(
    `insert into traces (${columns}) values (?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
    ...[id, targetId, vantage, startedAt, finishedAt, isDestinationReached ? 1 : 0, hopsToJson(hops)],
  );
}

export function findTrace(database: Database, id: TargetId, traceId: number): StoredTrace | undefined {
  const row = database.get(`select ${columns} from traces where target_id = ? and id = ?`, id, traceId);
  return row && traceFrom(row);
}
