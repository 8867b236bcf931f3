import type { EpochMillis } from '../ids.ts';
import { errnoName, sendFailureOf } from '../result/send-failure.ts';
import type { LiveState } from './live-state.ts';

/** `slow` and `partial` are reserved, so that readers need no change when they come. */
export const targetStates = [
  ...(['up', 'slow', 'degraded', 'partial', 'down', 'not-sent', 'paused', 'pending', 'synthetic'] as const),
] as const;
export type TargetState = (typeof targetStates)[number];

/** Why a target is in its state: a code and its figures, for sentences in any language. */
export interface StateReason {
  readonly code: StateReasonCode;
  readonly params: Readonly<Record<string, number | string | null>>;
}

export const stateReasonCodes = [
  ...(['replies', 'losses-in-a-row', 'loss-ratio', 'no-reply', 'no-result-yet', 'not-allowed'] as const),
  ...(['paused', 'deleted', 'synthetic'] as const),
  ...(['no-route', 'network-down', 'blocked-here', 'no-address', 'no-family', 'packet-too-large'] as const),
  ...(['buffers-full', 'too-many-probes', 'no-descriptors', 'no-interface', 'no-zone', 'failed'] as const),
] as const;
export type StateReasonCode = (typeof stateReasonCodes)[number];

export interface StateOfTarget {
  readonly state: TargetState;
  /** `undefined` if unknown. */
  readonly since: EpochMillis | undefined;
  readonly reason: StateReason;
}

export interface TargetFacts {
  readonly isActive: boolean;
  readonly isSynthetic: boolean;
  readonly isDeleted: boolean;
  /** Whether the probe policy allows packets to that address. */
  readonly isAllowed: boolean;
  readonly createdAt: EpochMillis;
}

/** The one rule for all screens, calls and commands. */
export function stateOfTarget(target: TargetFacts, live: LiveState | undefined): StateOfTarget {
  if (target.isSynthetic) return { state: 'synthetic', since: target.createdAt, reason: because('synthetic') };
  if (target.isDeleted) return { state: 'paused', since: undefined, reason: because('deleted') };
  if (!target.isActive) return { state: 'paused', since: live?.pausedSince, reason: because('paused') };
  if (!target.isAllowed) return { state: 'pending', since: undefined, reason: because('not-allowed') };
  if (live === undefined) return { state: 'pending', since: undefined, reason: because('no-result-yet') };
  return { state: live.state, since: live.since, reason: reasonOf(live) };
}

function because(code: StateReasonCode, params: StateReason['params'] = {}): StateReason {
  return { code, params };
}

function reasonOf(live: LiveState): StateReason {
  const { state, outage, notSent, window } = live;
  switch (state) {
    case 'up':
      return because('replies');
    case 'degraded':
      return outage.consecutiveLosses > 1
        ? because('losses-in-a-row', { losses: outage.consecutiveLosses })
        : because('loss-ratio', { losses: window.lost, probes: window.sent, window_minutes: 60 });
    case 'down':
      return because('no-reply', { losses: outage.lostProbes ?? null });
    case 'not-sent': {
      const errno = notSent?.errno ?? 0;
      return because(sendFailureOf(errno), { errno, errno_name: errnoName(errno) });
    }
    case 'pending':
      return because('no-result-yet');
    default:
      return state satisfies never;
  }
}
