import type { NewEvent } from '../core/event.ts';
import type { EpochMillis, TargetId } from '../core/ids.ts';
import { type OutageState, observe, unknownOutageState } from '../core/outage.ts';
import { describeOutageChange } from '../core/outage-log.ts';
import type { OutcomeCode, ResultBatch } from '../core/probe-result.ts';

/** Who is up and who is down, from the results as they come. */
export interface Outages {
  /** The events that a batch brings about, in the order of the results. */
  observeBatch(batch: ResultBatch): readonly NewEvent[];
  stateOf(id: TargetId): Readonly<OutageState>;
  forget(id: TargetId): void;
}

/**
 * `lastEvents`: the newest down or recovery of each target, so that an outage survives a restart; then those, in their
 * order, that the storage has not taken yet.
 */
export function createOutages(lastEvents: readonly NewEvent[], now: () => EpochMillis): Outages {
  const states = new Map<TargetId, OutageState>();
  for (const event of lastEvents) {
    if (event.type === 'recovery') states.delete(event.targetId);
    if (event.type !== 'down') continue;
    states.set(event.targetId, { ...unknownOutageState(), phase: 'down', since: event.createdAt });
  }

  function stateOf(id: TargetId): OutageState {
    let state = states.get(id);
    if (state === undefined) {
      state = unknownOutageState();
      states.set(id, state);
    }
    return state;
  }

  return {
    observeBatch(batch) {
      const events: NewEvent[] = [];
      for (let index = 0; index < batch.length; index++) {
        const id = batch.targetIds[index] as TargetId;
        const outcome = batch.outcomes[index] as OutcomeCode;
        const change = observe(stateOf(id), batch.sentAtMillis[index] ?? 0, outcome);
        if (change === undefined) continue;
        events.push({ targetId: id, type: change.type, message: describeOutageChange(change), createdAt: now() });
      }
      return events;
    },
    stateOf,
    forget: (id) => states.delete(id),
  };
}
