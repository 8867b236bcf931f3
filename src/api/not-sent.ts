import type { Target } from '../core/target.ts';
import { type SendFailure, describeSendFailure, errnoName, sendFailureOf } from '../core/send-failure.ts';
import type { EpochMillis } from '../core/ids.ts';
import type { ApiDependencies } from './api.ts';
import { instantOf, placeOf } from './translate.ts';

/** Targets that this machine cannot send to at present. */
export interface NotSent {
  readonly probed: number;
  /** Longest first. */
  readonly targets: readonly { readonly target: Target; readonly since: EpochMillis; readonly errno: number }[];
}

export function countNotSent(targets: readonly Target[], monitor: Pick<ApiDependencies['monitor'], 'states'>): NotSent {
  const probed = targets.filter(({ isActive, isSynthetic }) => isActive && !isSynthetic);
  const failing = probed.flatMap((target) => {
    const live = monitor.states.stateOf(target.id);
    if (live?.state !== 'not-sent' || live.notSent === undefined) return [];
    return [{ target, since: live.notSent.since, errno: live.notSent.errno }];
  });
  return { probed: probed.length, targets: failing.toSorted((a, b) => a.since - b.since) };
}

/** One sentence, or none where everything is sent. `hasNames`: whether the reader may know which targets there are. */
export function notSentSentence({ targets, probed }: NotSent, hasNames = true): readonly string[] {
  const [first] = targets;
  if (first === undefined) return [];
  const failures = new Set(targets.map(({ errno }): SendFailure => sendFailureOf(errno)));
  const why = [...failures].map(describeSendFailure).join('; ');
  const names = targets.length === 1 && hasNames ? ` (${placeOf(first.target)}, ${errnoName(first.errno)})` : '';
  return [`Not sent to ${targets.length} of ${probed} targets${names}: ${why} since ${instantOf(first.since)}.`];
}
