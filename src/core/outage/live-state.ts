import type { EpochMillis } from '../ids.ts';
import { LossWindow } from './loss-window.ts';
import { type OutageChange, type OutageState, observe, unknownOutageState } from './outage.ts';
import { type OutcomeCode, outcomeCodes } from '../result/probe-result.ts';

/** The states that results bring about. */
export type ProbedState = 'up' | 'degraded' | 'down' | 'not-sent' | 'pending';

/** A single lost probe is normal on a network; two in a row are worth a look. */
export const lossesUntilDegraded = 2;
export const degradedLossRatio = 0.02;
/** A full send buffer may cost one probe; two in a row are a state of their own. */
export const notSentUntilState = 2;

/** What is known of one target from its results, in event time; `advance` updates it in place. */
export interface LiveState {
  readonly outage: OutageState;
  readonly window: LossWindow;
  /** Consecutive probes that this machine failed to send; `undefined` after one that it sent. */
  notSent: { readonly since: EpochMillis; count: number; errno: number } | undefined;
  state: ProbedState;
  /** When the state began, preserved across restarts. `undefined` if unknown. */
  since: EpochMillis | undefined;
  pausedSince: EpochMillis | undefined;
}

/** What outlives the process: written with the results that changed the state. */
export interface StoredState {
  readonly state: ProbedState | 'paused';
  readonly since: EpochMillis;
  /** Whether the last probe that was sent left it up or down; a target that cannot be sent to is still one or the other. */
  readonly phase: OutageState['phase'];
  readonly phaseSince: EpochMillis | null;
  readonly errno: number | null;
}

export type StateChange =
  | OutageChange
  | { readonly type: 'not-sent'; readonly since: EpochMillis; readonly errno: number }
  | { readonly type: 'sent'; readonly notSentSince: EpochMillis };

export interface Advance {
  /** At most one change of "can be sent to" and one of "reachable". */
  readonly changes: readonly StateChange[];
  readonly isNewState: boolean;
}

export function pendingState(since: EpochMillis | undefined): LiveState {
  return {
    ...{ outage: unknownOutageState(), window: new LossWindow(), notSent: undefined },
    ...{ state: 'pending', since, pausedSince: undefined },
  };
}

/** As it was when `stored` was written; the losses before it are unknown. */
export function restoredState(stored: StoredState): LiveState {
  const { state, since, phase, phaseSince, errno } = stored;
  if (state === 'paused') return { ...pendingState(undefined), pausedSince: since };
  const outage = { ...unknownOutageState(), phase, since: phaseSince ?? undefined };
  if (phase === 'down') [outage.firstLossAt, outage.lostProbes] = [phaseSince ?? undefined, undefined];
  const notSent = state === 'not-sent' ? { since, count: notSentUntilState, errno: errno ?? 0 } : undefined;
  return { outage, window: new LossWindow(), notSent, state, since, pausedSince: undefined };
}

export function storedFrom({ state, since, outage, notSent }: LiveState): StoredState {
  const { phase, since: phaseSince = null } = outage;
  return { state, since: since ?? 0, phase, phaseSince, errno: notSent?.errno ?? null };
}

const nothing: Advance = { changes: [], isNewState: false };

/** `detail`: the errno of a probe that was not sent. */
export function advance(live: LiveState, sentAt: EpochMillis, outcome: OutcomeCode, detail: number): Advance {
  const changes: StateChange[] = [];
  if (outcome === outcomeCodes['not-sent']) {
    const { since, count } = live.notSent ?? { since: sentAt, count: 0 };
    live.notSent = { since, count: count + 1, errno: detail };
    if (count + 1 === notSentUntilState) changes.push({ type: 'not-sent', since, errno: detail });
  } else {
    if (live.notSent !== undefined && live.notSent.count >= notSentUntilState) {
      changes.push({ type: 'sent', notSentSince: live.notSent.since });
    }
    live.notSent = undefined;
    live.window.add(sentAt, 1, outcome === outcomeCodes.reply ? 0 : 1);
    const change = observe(live.outage, sentAt, outcome);
    if (change !== undefined) changes.push(change);
  }
  const state = judge(live);
  if (state === live.state && changes.length === 0) return nothing;
  const isNewState = state !== live.state;
  if (isNewState) live.since = sinceOf(live, state, sentAt);
  live.state = state;
  return { changes, isNewState };
}

/**
 * `down`: five losses in a row, until the next reply. `degraded`: it answers, but the last two probes or more were lost, or more
 * than 2 % (and at least two) of the last hour's. `not-sent` takes precedence over both, because what cannot be sent says
 * nothing.
 */
function judge({ outage, notSent, window }: LiveState): ProbedState {
  if (notSent !== undefined && notSent.count >= notSentUntilState) return 'not-sent';
  switch (outage.phase) {
    case 'down':
      return 'down';
    case 'unknown':
      return 'pending';
    case 'up': {
      const isLossy = window.lost >= 2 && window.lost > degradedLossRatio * window.sent;
      return outage.consecutiveLosses >= lossesUntilDegraded || isLossy ? 'degraded' : 'up';
    }
    default:
      return outage.phase satisfies never;
  }
}

function sinceOf({ outage, notSent }: LiveState, state: ProbedState, at: EpochMillis): EpochMillis {
  if (state === 'down') return outage.since ?? at;
  if (state === 'not-sent') return notSent?.since ?? at;
  if (state === 'degraded' && outage.consecutiveLosses >= lossesUntilDegraded) return outage.firstLossAt ?? at;
  return at;
}
