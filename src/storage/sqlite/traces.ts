import type { TargetId } from '../../core/ids.ts';
import type { NewTrace, StoredTrace } from '../../core/path.ts';
import { hopsFromJson, hopsToJson } from '../trace-row.ts';
import type { Database, Row } from './database.ts';

const columns = 'id, target_id, started_at_millis, finished_at_millis, is_destination_reached, hops';

function traceFrom(row: Row): StoredTrace {
  return {
    id: Number(row['id']),
    targetId: Number(row['target_id']) as TargetId,
    path: {
      startedAt: Number(row['started_at_millis']),
      finishedAt: Number(row['finished_at_millis']),
      isDestinationReached: row['is_destination_reached'] === 1,
      hops: hopsFromJson(String(row['hops'])),
    },
  };
}

/** Within a transaction; `undefined` when the target was purged meanwhile. */
export function insertTrace(database: Database, { targetId, path }: NewTrace): StoredTrace | undefined {
  const { startedAt, finishedAt, isDestinationReached, hops } = path;
  const sql = `insert into traces (target_id, started_at_millis, finished_at_millis, is_destination_reached, hops)
    select id, ?, ?, ?, ? from targets where id = ? returning ${columns}`;
  const row = database.get(sql, startedAt, finishedAt, isDestinationReached ? 1 : 0, hopsToJson(hops), targetId);
  return row && traceFrom(row);
}

export function listTraces(
  database: Database,
  id: TargetId,
  { limit, beforeId = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly beforeId: number | undefined },
): readonly StoredTrace[] {
  const sql = `select ${columns} from traces where target_id = ? and id < ? order by id desc limit ?`;
  return database.all(sql, id, beforeId, limit).map(traceFrom);
}

export function findTrace(database: Database, id: TargetId, traceId: number): StoredTrace | undefined {
  const row = database.get(`select ${columns} from traces where target_id = ? and id = ?`, id, traceId);
  return row && traceFrom(row);
}

/** One transaction: under their ids; those that are there already are left. */
export function putTraces(database: Database, traces: readonly StoredTrace[]): void {
  database.transaction(() => {
    for (const { id, targetId, path } of traces) {
      const { startedAt, finishedAt, isDestinationReached, hops } = path;
      database.run(
        `insert into traces (id, target_id, started_at_millis, finished_at_millis, is_destination_reached, hops)
         values (?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
        ...[id, targetId, startedAt, finishedAt, isDestinationReached ? 1 : 0, hopsToJson(hops)],
      );
    }
  });
}
