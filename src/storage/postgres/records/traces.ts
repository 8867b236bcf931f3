import type { SeriesKey, TargetId } from '../../../core/ids.ts';
import { type NewTrace, plainPathHops, type StoredTrace } from '../../../core/path/path.ts';
import { hopsFromJson, hopsToJson } from '../../records/trace-row.ts';
import type { Queries, Row } from '../connection/connection.ts';
import { millisOf, numberIn, timestamp } from '../connection/sql-values.ts';

const columns = `id, target_id, vantage, ${millisOf('started_at')} as started_at_millis,
  ${millisOf('finished_at')} as finished_at_millis, is_destination_reached, hops`;

function traceFrom(row: Row): StoredTrace {
  return {
    id: numberIn(row, 'id'),
    targetId: numberIn(row, 'target_id') as TargetId,
    vantage: numberIn(row, 'vantage'),
    path: {
      startedAt: numberIn(row, 'started_at_millis'),
      finishedAt: numberIn(row, 'finished_at_millis'),
      isDestinationReached: row['is_destination_reached'] === true,
      hops: hopsFromJson(String(row['hops'])),
    },
  };
}

/** Within a transaction; `undefined` if the target was purged meanwhile. */
export async function insertTrace(
  queries: Queries,
  { targetId, vantage, path }: NewTrace,
): Promise<StoredTrace | undefined> {
  const { startedAt, finishedAt, isDestinationReached, hops } = path;
  const [row] = await queries.all(
    `insert into pmd.traces (target_id, started_at, finished_at, is_destination_reached, hops, vantage)
     select id, $1, $2, $3, $4, $6 from pmd.targets where id = $5 returning ${columns}`,
    [timestamp(startedAt), timestamp(finishedAt), isDestinationReached, hopsToJson(hops), targetId, vantage],
  );
  return row && traceFrom(row);
}

export async function listTraces(
  queries: Queries,
  { targetId, vantage }: SeriesKey,
  { limit, beforeId = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly beforeId: number | undefined },
): Promise<readonly StoredTrace[]> {
  const sql = `select ${columns} from pmd.traces where target_id = $1 and vantage = $4 and id < $2
    order by id desc limit $3`;
  return (await queries.all(sql, [targetId, beforeId, limit, vantage])).map(traceFrom);
}

export async function listLongTraces(queries: Queries): Promise<readonly StoredTrace[]> {
  const sql = `select ${columns} from pmd.traces where id in (select max(id) from pmd.traces group by target_id, vantage)
    and json_array_length(hops::json) > $1`;
  return (await queries.all(sql, [plainPathHops])).map(traceFrom);
}

/** Of all targets, by id. */
export async function listTracesAfter(
  queries: Queries,
  afterId: number,
  limit: number,
): Promise<readonly StoredTrace[]> {
  const sql = `select ${columns} from pmd.traces where id > $1 order by id limit $2`;
  return (await queries.all(sql, [afterId, limit])).map(traceFrom);
}

/** Within a transaction: under its id, unless it exists already. */
export async function putTrace(queries: Queries, { id, targetId, vantage, path }: StoredTrace): Promise<void> {
  const { startedAt, finishedAt, isDestinationReached, hops } = path;
  await queries.all(
    `insert into pmd.traces (id, target_id, started_at, finished_at, is_destination_reached, hops, vantage)
     overriding system value values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing`,
    [id, targetId, timestamp(startedAt), timestamp(finishedAt), isDestinationReached, hopsToJson(hops), vantage],
  );
}

export async function findTrace(queries: Queries, id: TargetId, traceId: number): Promise<StoredTrace | undefined> {
  const sql = `select ${columns} from pmd.traces where target_id = $1 and id = $2`;
  const [row] = await queries.all(sql, [id, traceId]);
  return row && traceFrom(row);
}
