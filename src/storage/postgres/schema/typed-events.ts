import type { EventType } from '../../../core/event/event.ts';
import { type TargetId, mainVantage } from '../../../core/ids.ts';
import { type OldEvent, convertOldLog, stateAfter } from '../../../core/outage/old-event.ts';
import type { Queries } from '../connection/connection.ts';
import { millisOf, numberIn, timestamp } from '../connection/sql-values.ts';

/**
 * With migration 16: the data of events that consisted of sentences only, their outages, and the states that follow from them.
 */
export async function typeOldEvents(queries: Queries): Promise<void> {
  for (const row of await queries.all('select distinct target_id from pmd.events order by target_id')) {
    await typeLog(queries, numberIn(row, 'target_id') as TargetId);
  }
}

async function typeLog(queries: Queries, targetId: TargetId): Promise<void> {
  const rows = await queries.all(
    `select id, type, message, ${millisOf('created_at')} as created_at_millis from pmd.events where target_id = $1 order by id`,
    [targetId],
  );
  const log = convertOldLog(
    rows.map((row): OldEvent => ({
      targetId,
      type: String(row['type']) as EventType,
      message: String(row['message']),
      createdAt: numberIn(row, 'created_at_millis'),
    })),
    mainVantage,
  );
  await queries.all(
    `update pmd.events set data = new.data from unnest($1::bigint[], $2::json[]) as new (id, data) where events.id = new.id`,
    [rows.map((row) => numberIn(row, 'id')), log.events.map(({ data }) => JSON.stringify(data))],
  );
  for (const { from, to, lostProbes, endedBy } of log.outages) {
    await queries.all(
      `insert into pmd.outages (target_id, vantage, from_at, to_at, lost_probes, ended_by) values ($1, $2, $3, $4, $5, $6)
       on conflict do nothing`,
      [
        targetId,
        mainVantage,
        timestamp(from),
        to === undefined ? null : timestamp(to),
        lostProbes ?? null,
        endedBy ?? null,
      ],
    );
  }
  const state = stateAfter(log);
  if (state === undefined) return;
  const { since, phase, phaseSince } = state;
  await queries.all(
    `insert into pmd.target_states (target_id, vantage, state, since, phase, phase_since) values ($1, $2, $3, $4, $5, $6)`,
    [targetId, mainVantage, state.state, timestamp(since), phase, phaseSince === null ? null : timestamp(phaseSince)],
  );
}
