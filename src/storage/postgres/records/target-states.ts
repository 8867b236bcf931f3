import type { NewEvent } from '../../../core/event/event.ts';
import type { TargetId } from '../../../core/ids.ts';
import type { StoredState } from '../../../core/outage/live-state.ts';
import { stateWriteOf } from '../../../core/outage/outage-log.ts';
import type { StateRow } from '../../records/outages.ts';
import type { Queries } from '../connection/connection.ts';
import { millisOf, numberIn, numberOrNone, timestamp } from '../connection/sql-values.ts';

/** Stands for all vantage points. */
const everywhere = -1;

/** Within a transaction. A state that began before a command came late and changes nothing. */
export async function putStates(queries: Queries, states: readonly StateRow[]): Promise<void> {
  // The last one of each target counts, and a statement may touch a row only once.
  const rows = [...new Map(states.map((row) => [`${row.targetId} ${row.vantage}`, row])).values()];
  if (rows.length === 0) return;
  const phaseSince = ({ phaseSince: at }: StateRow): string | null => (at === null ? null : timestamp(at));
  await queries.all(
    `insert into pmd.target_states (target_id, vantage, state, since, phase, phase_since, errno)
     select new.* from unnest($1::integer[], $2::smallint[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[],
       $7::integer[]) as new (target_id, vantage, state, since, phase, phase_since, errno)
     where exists (select from pmd.targets where targets.id = new.target_id)
       and not exists (select from pmd.target_states as command where command.target_id = new.target_id
         and command.vantage = ${everywhere} and command.since > new.since)
     on conflict (target_id, vantage) do update set state = excluded.state, since = excluded.since,
       phase = excluded.phase, phase_since = excluded.phase_since, errno = excluded.errno
     where target_states.state not in ('paused', 'pending') or excluded.since >= target_states.since`,
    [
      rows.map(({ targetId }) => targetId),
      rows.map(({ vantage }) => vantage ?? everywhere),
      rows.map(({ state }) => state),
      rows.map(({ since }) => timestamp(since)),
      rows.map(({ phase }) => phase),
      rows.map(phaseSince),
      rows.map(({ errno }) => errno),
    ],
  );
}

/** Within a transaction: the states that commands bring about. */
export async function noteCommands(queries: Queries, events: readonly NewEvent[]): Promise<void> {
  const states = events.flatMap((event) => {
    const state = stateWriteOf(event);
    return state === undefined ? [] : [{ ...state, targetId: event.targetId, vantage: null }];
  });
  if (states.length === 0) return;
  const ids = states.map(({ targetId }) => targetId);
  await queries.all('delete from pmd.target_states where target_id = any($1::integer[])', [ids]);
  await putStates(queries, states);
}

export async function listStates(queries: Queries): Promise<readonly StateRow[]> {
  const rows = await queries.all(`select target_id, vantage, state, ${millisOf('since')} as since_millis, phase,
    ${millisOf('phase_since')} as phase_since_millis, errno from pmd.target_states order by target_id, vantage`);
  return rows.map((row) => ({
    targetId: numberIn(row, 'target_id') as TargetId,
    vantage: numberIn(row, 'vantage') === everywhere ? null : numberIn(row, 'vantage'),
    state: String(row['state']) as StoredState['state'],
    since: numberIn(row, 'since_millis'),
    phase: String(row['phase']) as StoredState['phase'],
    phaseSince: numberOrNone(row, 'phase_since_millis') ?? null,
    errno: numberOrNone(row, 'errno') ?? null,
  }));
}
