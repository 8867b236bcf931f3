import { eventTypes, type NewEvent, type TargetEvent } from '../../../core/event/event.ts';
import type { TargetId } from '../../../core/ids.ts';
import type { EventFilter } from '../../port.ts';
import type { Queries, Row } from '../connection/connection.ts';
import { noteOutages } from './outages.ts';
import { millisOf, numberIn, numberOrNone, timestamp } from '../connection/sql-values.ts';
import { noteCommands } from './target-states.ts';

export const eventColumns = `id, target_id, vantage, type, message, data, ${millisOf('created_at')} as created_at_millis`;

/** Within a transaction, with what they change about outages and states. Events of purged targets are left out. */
export async function insertEvents(queries: Queries, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await queries.all(
    `insert into pmd.events (target_id, vantage, type, message, data, created_at)
     select new.target_id, new.vantage, new.type, new.message, new.data, new.created_at
     from unnest($1::integer[], $2::smallint[], $3::text[], $4::text[], $5::json[], $6::timestamptz[])
       with ordinality as new (target_id, vantage, type, message, data, created_at, at)
     where exists (select from pmd.targets where targets.id = new.target_id)
     order by new.at`,
    [
      events.map(({ targetId }) => targetId),
      events.map(({ vantage }) => vantage),
      events.map(({ type }) => type),
      events.map(({ message = '' }) => message),
      events.map(({ data }) => JSON.stringify(data)),
      events.map(({ createdAt }) => timestamp(createdAt)),
    ],
  );
  await noteOutages(queries, events);
  await noteCommands(queries, events);
}

export function eventFrom(row: Row): TargetEvent {
  const type = eventTypes.find((known) => known === row['type']);
  if (type === undefined) throw new Error(`the event type ${String(row['type'])} is unknown`);
  const message = String(row['message']);
  return {
    id: numberIn(row, 'id'),
    targetId: numberIn(row, 'target_id') as TargetId,
    vantage: numberOrNone(row, 'vantage') ?? null,
    type,
    data: row['data'] as TargetEvent['data'],
    createdAt: numberIn(row, 'created_at_millis'),
    ...(message === '' ? {} : { message }),
  } as TargetEvent;
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
