import { type NewEvent, seenEvent } from '../../core/event/event.ts';
import type { EpochMillis, TargetId, VantageId } from '../../core/ids.ts';
import {
  type LiveState,
  type StateChange,
  type StoredState,
  advance,
  pendingState,
  restoredState,
  storedFrom,
} from '../../core/outage/live-state.ts';
import type { OutcomeCode, ResultBatch } from '../../core/result/probe-result.ts';
import { outageEvent } from '../../core/outage/outage-log.ts';
import { sendFailureOf } from '../../core/result/send-failure.ts';
import type { Observed } from '../../recording/recording.ts';
import type { StateRow } from '../../storage/storage.ts';

/** The state of each target, from its results as they come. */
export interface TargetStates {
  observeBatch(batch: ResultBatch): Observed;
  /** `undefined` for a target without results and without a stored state. */
  stateOf(id: TargetId): Readonly<LiveState> | undefined;
  /** After a command has been stored. */
  begin(id: TargetId, state: 'pending' | 'paused', at: EpochMillis): void;
  /** Targets that this machine cannot send to at present. */
  notSent(): readonly { readonly id: TargetId; readonly since: EpochMillis; readonly errno: number }[];
  forget(id: TargetId): void;
  /** The stored losses of the hour before the start: without them a lossy target would look healthy for a while. */
  remember(id: TargetId, at: EpochMillis, counts: { readonly sent: number; readonly lost: number }): void;
  /** Losses of an open outage that an earlier process saw; later ones are added. */
  rememberLosses(id: TargetId, since: EpochMillis, losses: number): void;
}

export interface TargetStatesDependencies {
  /** What the storage has, then what waits in the spool, in order; what other vantage points saw is left out. */
  readonly stored: readonly StateRow[];
  readonly vantage: VantageId;
  readonly now: () => EpochMillis;
}

export function createTargetStates({ stored, vantage, now }: TargetStatesDependencies): TargetStates {
  const states = new Map<TargetId, LiveState>();
  for (const row of stored)
    if (row.vantage === vantage || row.vantage === null) states.set(row.targetId, restoredState(row));

  function eventFor(targetId: TargetId, change: StateChange): NewEvent {
    switch (change.type) {
      case 'down':
      case 'recovery':
        return outageEvent({ targetId, vantage }, change, now());
      case 'not-sent': {
        const { since, errno } = change;
        return seenEvent({ targetId, vantage }, 'not-sent', { since, errno, reason: sendFailureOf(errno) }, now());
      }
      case 'sent':
        return seenEvent({ targetId, vantage }, 'sent', { notSentSince: change.notSentSince }, now());
      default:
        return change satisfies never;
    }
  }

  function stateFor(id: TargetId): LiveState {
    let state = states.get(id);
    if (state === undefined) {
      state = pendingState(undefined);
      states.set(id, state);
    }
    return state;
  }

  return {
    observeBatch(batch) {
      const events: NewEvent[] = [];
      const rows = new Map<TargetId, StoredState>();
      for (let index = 0; index < batch.length; index++) {
        const id = batch.targetIds[index] as TargetId;
        const live = stateFor(id);
        // A probe that was in flight when the target was paused says nothing about the time of the pause.
        if (live.pausedSince !== undefined) continue;
        const sentAt = batch.sentAtMillis[index] ?? 0;
        const outcome = batch.outcomes[index] as OutcomeCode;
        const { changes, isNewState } = advance(live, sentAt, outcome, batch.details[index] ?? 0);
        for (const change of changes) events.push(eventFor(id, change));
        if (isNewState) rows.set(id, storedFrom(live));
      }
      return { events, states: [...rows].map(([targetId, row]) => ({ ...row, targetId, vantage })) };
    },
    stateOf: (id) => states.get(id),
    begin(id, state, at) {
      states.set(id, state === 'pending' ? pendingState(at) : { ...pendingState(undefined), pausedSince: at });
    },
    notSent: () =>
      [...states].flatMap(([id, { state, notSent, pausedSince }]) =>
        state === 'not-sent' && notSent !== undefined && pausedSince === undefined ? [{ id, ...notSent }] : [],
      ),
    forget: (id) => states.delete(id),
    remember: (id, at, { sent, lost }) => states.get(id)?.window.add(at, sent, lost),
    rememberLosses(id, since, losses) {
      const outage = states.get(id)?.outage;
      if (outage?.phase !== 'down' || outage.since !== since || outage.lostProbes !== undefined) return;
      outage.lostProbes = losses + outage.consecutiveLosses;
    },
  };
}
