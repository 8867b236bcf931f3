import { type SendFailure, describeSendFailure, errnoName, sendFailureOf } from '../../core/result/send-failure.ts';
import type { EpochMillis, TargetId } from '../../core/ids.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { instantOf } from '../translate.ts';

/** Targets that this machine cannot send to at present. */
export interface NotSent {
  readonly probed: number;
  /** Longest first. */
  readonly targets: readonly { readonly id: TargetId; readonly since: EpochMillis; readonly errno: number }[];
}

/** From memory, so that it works while the database is unavailable. */
export function readNotSent({ states, prober }: Pick<ApiDependencies['monitor'], 'states' | 'prober'>): NotSent {
  const targets = states.notSent().toSorted((a, b) => a.since - b.since);
  return { probed: Math.max(targets.length, prober.counters().targets), targets };
}

/** One sentence, or none when everything is sent. */
export function notSentSentence({ targets, probed }: NotSent): readonly string[] {
  const [first] = targets;
  if (first === undefined) return [];
  const failures = new Set(targets.map(({ errno }): SendFailure => sendFailureOf(errno)));
  const why = [...failures].map(describeSendFailure).join('; ');
  const name = targets.length === 1 ? ` (id ${first.id}, ${errnoName(first.errno)})` : '';
  return [`Not sent to ${targets.length} of ${probed} targets${name}: ${why} since ${instantOf(first.since)}.`];
}
