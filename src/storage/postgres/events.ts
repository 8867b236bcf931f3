import { eventTypes, type NewEvent, type TargetEvent } from '../../core/event.ts';
import type { TargetId } from '../../core/ids.ts';
import type { EventFilter } from '../storage.ts';
import type { Queries, Row } from './connection.ts';
import { millisOf, numberIn, timestamp } from './sql-values.ts';

export const eventColumns = `id, target_id, type, message, ${millisOf('created_at')} as created_at_millis`;

/** Events of targets that are gone are left out: they may have waited in a spool. */
export async function insertEvents(queries: Queries, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await queries.all(
    `insert into pmd.events (target_id, type, message, created_at)
     select new.target_id, new.type, new.message, new.created_at
     from unnest($1::integer[], $2::text[], $3::text[], $4::timestamptz[])
       with ordinality as new (target_id, type, message, created_at, at)
     where exists (select from pmd.targets where targets.id = new.target_id)
     order by new.at`,
    [
      events.map(({ targetId }) => targetId),
      events.map(({ type }) => type),
      events.map(({ message }) => message),
      events.map(({ createdAt }) => timestamp(createdAt)),
    ],
  );
}

export function eventFrom(row: Row): TargetEvent {
  const type = eventTypes.find((known) => known === row['type']);
  if (type === undefined) throw new Error(`the event type ${String(row['type'])} is unknown`);
  return {
    id: numberIn(row, 'id'),
    targetId: numberIn(row, 'target_id') as TargetId,
    type,
    message: String(row['message']),
    createdAt: numberIn(row, 'created_at_millis'),
  };
}

export async function listEvents(
  queries: Queries,
  id: TargetId,
  limit: number,
  { types = eventTypes, beforeId = Number.MAX_SAFE_INTEGER }: EventFilter = {},
): Promise<readonly TargetEvent[]> {
  const sql = `select ${eventColumns} from pmd.events
    where target_id = $1 and id < $2 and type = any($3::text[]) order by id desc limit $4`;
  return (await queries.all(sql, [id, beforeId, types, limit])).map(eventFrom);
}

export async function listLastOutageEvents(queries: Queries): Promise<readonly TargetEvent[]> {
  const rows = await queries.all(`select distinct on (target_id) ${eventColumns} from pmd.events
    where type in ('down', 'recovery') order by target_id, id desc`);
  return rows.map(eventFrom);
}
