import type { NewEvent } from '../../../core/event/event.ts';
import type { TargetId } from '../../../core/ids.ts';
import type { StoredState } from '../../../core/outage/live-state.ts';
import { stateWriteOf } from '../../../core/outage/outage-log.ts';
import type { StateRow } from '../../records/outages.ts';
import type { Database } from '../file/database.ts';

const columns = 'target_id, vantage, state, since_millis, phase, phase_since_millis, errno';

/** Stands for all vantage points. */
const everywhere = -1;

/** Within a transaction. A state that began before the stored one came late and changes nothing. */
export function putStates(database: Database, states: readonly StateRow[]): void {
  for (const { targetId, vantage, state, since, phase, phaseSince, errno } of states) {
    database.run(
      `insert into target_states (${columns}) select id, ?1, ?2, ?3, ?4, ?5, ?6 from targets where id = ?7
         and not exists (select 1 from target_states where target_id = ?7 and vantage = ${everywhere} and since_millis > ?3)
       on conflict (target_id, vantage) do update set state = excluded.state, since_millis = excluded.since_millis,
         phase = excluded.phase, phase_since_millis = excluded.phase_since_millis, errno = excluded.errno
       where target_states.state not in ('paused', 'pending') or excluded.since_millis >= target_states.since_millis`,
      ...[vantage ?? everywhere, state, since, phase, phaseSince, errno, targetId],
    );
  }
}

/** Within a transaction: the state that a command brings about. */
export function noteCommand(database: Database, event: NewEvent): void {
  const state = stateWriteOf(event);
  if (state === undefined) return;
  database.run('delete from target_states where target_id = ?', event.targetId);
  putStates(database, [{ ...state, targetId: event.targetId, vantage: null }]);
}

export function listStates(database: Database): readonly StateRow[] {
  return database
    .all(`select ${columns} from target_states order by target_id, vantage`)
    .map((row) => ({
      targetId: Number(row['target_id']) as TargetId,
      vantage: row['vantage'] === everywhere ? null : Number(row['vantage']),
      state: String(row['state']) as StoredState['state'],
      since: Number(row['since_millis']),
      phase: String(row['phase']) as StoredState['phase'],
      phaseSince: typeof row['phase_since_millis'] === 'number' ? row['phase_since_millis'] : null,
      errno: typeof row['errno'] === 'number' ? row['errno'] : null,
    }));
}
