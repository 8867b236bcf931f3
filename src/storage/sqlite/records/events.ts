import { type EventType, eventTypes, type NewEvent, type TargetEvent } from '../../../core/event/event.ts';
import type { TargetId } from '../../../core/ids.ts';
import { parseEventData } from '../../../core/event/event-check.ts';
import type { EventFilter } from '../../port.ts';
import { inRow } from '../file/damage.ts';
import type { Database, Row } from '../file/database.ts';
import { noteOutage } from './outages.ts';
import { noteCommand } from './target-states.ts';

export const eventColumns = 'id, target_id, vantage, type, message, data, created_at_millis';

export function eventFrom(row: Row): TargetEvent {
  const message = String(row['message']);
  const [id, targetId, createdAt] = [Number(row['id']), Number(row['target_id']), Number(row['created_at_millis'])];
  const type = String(row['type']);
  const place = { table: 'events', id, targetId, at: createdAt };
  return {
    id,
    targetId: targetId as TargetId,
    vantage: typeof row['vantage'] === 'number' ? row['vantage'] : null,
    type: type as EventType,
    data: inRow(place, () => parseEventData(type, String(row['data']))),
    createdAt,
    ...(message === '' ? {} : { message }),
  } as TargetEvent;
}

/**
 * Within a transaction, with what they change about outages and states. Events of a target that was purged meanwhile are left
 * out.
 */
export function insertEvents(database: Database, events: readonly NewEvent[]): void {
  for (const event of events) {
    const { targetId, vantage, type, message = '', data, createdAt } = event;
    const { changes } = database.run(
      `insert into events (target_id, vantage, type, message, data, created_at_millis)
       select id, ?, ?, ?, ?, ? from targets where id = ?`,
      ...[vantage, type, message, JSON.stringify(data), createdAt, targetId],
    );
    if (changes === 0) continue;
    noteOutage(database, event);
    noteCommand(database, event);
  }
}

export function listEvents(
  database: Database,
  id: TargetId,
  limit: number,
  { types = eventTypes, beforeId = Number.MAX_SAFE_INTEGER }: EventFilter = {},
): readonly TargetEvent[] {
  const sql = `select ${eventColumns} from events
    where target_id = ? and id < ? and type in (${types.map(() => '?').join(', ')}) order by id desc limit ?`;
  return database.all(sql, id, beforeId, ...types, limit).map(eventFrom);
}
