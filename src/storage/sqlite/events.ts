import { type EventType, eventTypes, type NewEvent, type TargetEvent } from '../../core/event.ts';
import type { TargetId } from '../../core/ids.ts';
import type { EventFilter } from '../storage.ts';
import type { Database, Row } from './database.ts';

export function eventFrom(row: Row): TargetEvent {
  return {
    id: Number(row['id']),
    targetId: Number(row['target_id']) as TargetId,
    type: String(row['type']) as EventType,
    message: String(row['message']),
    createdAt: Number(row['created_at_millis']),
  };
}

/** Within a transaction. Events of a target that was purged meanwhile are left out. */
export function insertEvents(database: Database, events: readonly NewEvent[]): void {
  for (const { targetId, type, message, createdAt } of events) {
    database.run(
      `insert into events (target_id, type, message, created_at_millis)
       select id, ?, ?, ? from targets where id = ?`,
      ...[type, message, createdAt, targetId],
    );
  }
}

export function listEvents(
  database: Database,
  id: TargetId,
  limit: number,
  { types = eventTypes, beforeId = Number.MAX_SAFE_INTEGER }: EventFilter = {},
): readonly TargetEvent[] {
  const sql = `select id, target_id, type, message, created_at_millis from events
    where target_id = ? and id < ? and type in (${types.map(() => '?').join(', ')}) order by id desc limit ?`;
  return database.all(sql, id, beforeId, ...types, limit).map(eventFrom);
}

export function listLastOutageEvents(database: Database): readonly TargetEvent[] {
  const sql = `select id, target_id, type, message, created_at_millis from events where id in (
    select max(id) from events where type in ('down', 'recovery') group by target_id
  ) order by target_id`;
  return database.all(sql).map(eventFrom);
}
