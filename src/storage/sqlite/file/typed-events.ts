import type { DatabaseSync } from 'node:sqlite';
import type { EventType } from '../../../core/event/event.ts';
import { type TargetId, mainVantage } from '../../../core/ids.ts';
import { type OldEvent, convertOldLog, stateAfter } from '../../../core/outage/old-event.ts';

/**
 * With migration 11: the data of events that consisted of sentences only, their outages, and the states that follow from them.
 */
export function typeOldEvents(connection: DatabaseSync): void {
  const read = connection.prepare(
    'select id, type, message, created_at_millis from events where target_id = ? order by id',
  );
  const write = connection.prepare('update events set data = ? where id = ?');
  const addOutage = connection.prepare(
    `insert into outages (target_id, vantage, from_millis, to_millis, lost_probes, ended_by) values (?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
  );
  const addState = connection.prepare(
    `insert into target_states (target_id, vantage, state, since_millis, phase, phase_since_millis) values (?, ?, ?, ?, ?, ?)`,
  );
  for (const { target_id: target } of connection.prepare('select distinct target_id from events').all()) {
    const targetId = Number(target) as TargetId;
    const rows = read.all(targetId);
    const log = convertOldLog(
      rows.map((row): OldEvent => ({
        targetId,
        type: String(row['type']) as EventType,
        message: String(row['message']),
        createdAt: Number(row['created_at_millis']),
      })),
      mainVantage,
    );
    for (const [index, { data }] of log.events.entries()) write.run(JSON.stringify(data), Number(rows[index]?.['id']));
    for (const { from, to, lostProbes, endedBy } of log.outages) {
      addOutage.run(targetId, mainVantage, from, to ?? null, lostProbes ?? null, endedBy ?? null);
    }
    const state = stateAfter(log);
    if (state !== undefined) {
      addState.run(targetId, mainVantage, state.state, state.since, state.phase, state.phaseSince);
    }
  }
}
