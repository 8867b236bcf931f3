import type { EpochMillis } from '../ids.ts';
import { type OutcomeCode, outcomeCodes } from '../result/probe-result.ts';

/** This many losses in a row make a target `down`; the first reply after them is its `recovery`. */
export const lossesUntilDown = 5;

/** What is known of one target's reachability; `observe` updates it in place. */
export interface OutageState {
  phase: 'unknown' | 'up' | 'down';
  /** When the phase began: at the first reply, or at the first of the losses. */
  since: EpochMillis | undefined;
  consecutiveLosses: number;
  firstLossAt: EpochMillis | undefined;
  lastReplyAt: EpochMillis | undefined;
  /** Losses since `firstLossAt`; `undefined` if this process has not seen all of them. */
  lostProbes: number | undefined;
}

/** A time during which one target was unreachable, from the first lost probe to the first reply. */
export interface Outage {
  readonly from: EpochMillis;
  /** `undefined` while ongoing. */
  readonly to: EpochMillis | undefined;
  /** `undefined` if unknown, and while the outage is ongoing. */
  readonly lostProbes: number | undefined;
  /** `undefined` while ongoing. */
  readonly endedBy: 'recovery' | 'pause' | 'delete' | undefined;
}

export type OutageChange =
  | { readonly type: 'down'; readonly since: EpochMillis; readonly losses: number }
  | {
      readonly type: 'recovery';
      readonly since: EpochMillis | undefined;
      readonly at: EpochMillis;
      readonly losses: number | undefined;
    };

export function unknownOutageState(): OutageState {
  return {
    ...{ phase: 'unknown', since: undefined, consecutiveLosses: 0, lostProbes: 0 },
    ...{ firstLossAt: undefined, lastReplyAt: undefined },
  };
}

/**
 * Takes one result into account, in the order in which results become known. If the timeout is longer than the interval, a loss
 * becomes known after a later reply; such a loss changes nothing. Probes that we failed to send say nothing about the target.
 */
export function observe(state: OutageState, sentAt: EpochMillis, outcome: OutcomeCode): OutageChange | undefined {
  switch (outcome) {
    case outcomeCodes.reply:
      return observeReply(state, sentAt);
    case outcomeCodes.timeout:
    case outcomeCodes.unreachable:
      return observeLoss(state, sentAt);
    case outcomeCodes['not-sent']:
      return undefined;
    default:
      return outcome satisfies never;
  }
}

function observeReply(state: OutageState, sentAt: EpochMillis): OutageChange | undefined {
  const { phase, since, lostProbes } = state;
  state.lastReplyAt = Math.max(sentAt, state.lastReplyAt ?? 0);
  state.consecutiveLosses = 0;
  state.firstLossAt = undefined;
  state.lostProbes = 0;
  if (phase === 'up') return undefined;
  state.phase = 'up';
  state.since = sentAt;
  return phase === 'down' ? { type: 'recovery', since, at: sentAt, losses: lostProbes } : undefined;
}

function observeLoss(state: OutageState, sentAt: EpochMillis): OutageChange | undefined {
  if (state.lastReplyAt !== undefined && sentAt < state.lastReplyAt) return undefined;
  state.consecutiveLosses++;
  if (state.lostProbes !== undefined) state.lostProbes++;
  state.firstLossAt ??= sentAt;
  if (state.phase === 'down' || state.consecutiveLosses < lossesUntilDown) return undefined;
  state.phase = 'down';
  state.since = state.firstLossAt;
  return { type: 'down', since: state.firstLossAt, losses: state.consecutiveLosses };
}
