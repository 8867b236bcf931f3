import type { TargetId } from '../../core/ids.ts';
import type { NewTrace, StoredTrace } from '../../core/path.ts';
import { hopsFromJson, hopsToJson } from '../trace-row.ts';
import type { Queries, Row } from './connection.ts';
import { millisOf, numberIn, timestamp } from './sql-values.ts';

const columns = `id, target_id, ${millisOf('started_at')} as started_at_millis,
  ${millisOf('finished_at')} as finished_at_millis, is_destination_reached, hops`;

function traceFrom(row: Row): StoredTrace {
  return {
    id: numberIn(row, 'id'),
    targetId: numberIn(row, 'target_id') as TargetId,
    path: {
      startedAt: numberIn(row, 'started_at_millis'),
      finishedAt: numberIn(row, 'finished_at_millis'),
      isDestinationReached: row['is_destination_reached'] === true,
      hops: hopsFromJson(String(row['hops'])),
    },
  };
}

/** Within a transaction; `undefined` when the target was purged meanwhile. */
export async function insertTrace(queries: Queries, { targetId, path }: NewTrace): Promise<StoredTrace | undefined> {
  const { startedAt, finishedAt, isDestinationReached, hops } = path;
  const [row] = await queries.all(
    `insert into pmd.traces (target_id, started_at, finished_at, is_destination_reached, hops)
     select id, $1, $2, $3, $4 from pmd.targets where id = $5 returning ${columns}`,
    [timestamp(startedAt), timestamp(finishedAt), isDestinationReached, hopsToJson(hops), targetId],
  );
  return row && traceFrom(row);
}

export async function listTraces(
  queries: Queries,
  id: TargetId,
  { limit, beforeId = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly beforeId: number | undefined },
): Promise<readonly StoredTrace[]> {
  const sql = `select ${columns} from pmd.traces where target_id = $1 and id < $2 order by id desc limit $3`;
  return (await queries.all(sql, [id, beforeId, limit])).map(traceFrom);
}

export async function findTrace(queries: Queries, id: TargetId, traceId: number): Promise<StoredTrace | undefined> {
  const sql = `select ${columns} from pmd.traces where target_id = $1 and id = $2`;
  const [row] = await queries.all(sql, [id, traceId]);
  return row && traceFrom(row);
}

/** Within a transaction: under their ids; those that are there already are left. */
export async function putTraces(queries: Queries, traces: readonly StoredTrace[]): Promise<void> {
  await queries.all(
    `insert into pmd.traces (id, target_id, started_at, finished_at, is_destination_reached, hops)
       overriding system value
     select * from unnest($1::bigint[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::boolean[], $6::text[])
     on conflict (id) do nothing`,
    [
      traces.map(({ id }) => id),
      traces.map(({ targetId }) => targetId),
      traces.map(({ path }) => timestamp(path.startedAt)),
      traces.map(({ path }) => timestamp(path.finishedAt)),
      traces.map(({ path }) => String(path.isDestinationReached)),
      traces.map(({ path }) => hopsToJson(path.hops)),
    ],
  );
}
