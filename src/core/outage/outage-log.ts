import { type NewEvent, seenEvent } from '../event/event.ts';
import type { EpochMillis, SeriesKey } from '../ids.ts';
import type { StoredState } from './live-state.ts';
import type { Outage, OutageChange } from './outage.ts';

/** The events that say when a target was paused or not recorded. */
export const stretchEventTypes = ['start', 'stop', 'delete', 'gap'] as const;

export interface Stretch {
  readonly from: EpochMillis;
  /** `undefined` while ongoing. */
  readonly to: EpochMillis | undefined;
}

export interface Stretches {
  readonly pauses: readonly Stretch[];
  /** Results that were measured but could not be stored. */
  readonly gaps: readonly Stretch[];
}

/** Reads the events of one target, oldest first. */
export function readStretches(events: readonly NewEvent[]): Stretches {
  const pauses: Stretch[] = [];
  const gaps: Stretch[] = [];
  let pausedSince: EpochMillis | undefined;
  for (const { type, data, createdAt } of events) {
    if (type === 'stop' || type === 'delete') pausedSince ??= createdAt;
    if (type === 'gap') gaps.push({ from: data.from ?? createdAt, to: data.to ?? createdAt });
    if (type !== 'start' || pausedSince === undefined) continue;
    pauses.push({ from: pausedSince, to: createdAt });
    pausedSince = undefined;
  }
  if (pausedSince !== undefined) pauses.push({ from: pausedSince, to: undefined });
  return { pauses, gaps };
}

export function outageEvent(key: SeriesKey, change: OutageChange, createdAt: EpochMillis): NewEvent {
  const { since, losses } = change;
  if (change.type === 'down')
    return seenEvent(key, 'down', { since: change.since, lostProbes: change.losses }, createdAt);
  const downSeconds = since === undefined ? null : Math.max(0, change.at - since) / 1000;
  return seenEvent(key, 'recovery', { downSince: since ?? null, downSeconds, lostProbes: losses ?? null }, createdAt);
}

/** How an event changes its target's outages; every storage applies this in the transaction that stores the event. */
export type OutageWrite =
  | { readonly kind: 'begin'; readonly from: EpochMillis; readonly lostProbes: number | undefined }
  | ({ readonly kind: 'end' } & Required<Pick<Outage, 'endedBy' | 'lostProbes'>> & {
        /** The outage that ends, if the event knows it; added if it is not stored yet. */
        readonly from: EpochMillis | undefined;
        readonly to: EpochMillis;
      });

export function outageWriteOf({ type, data, createdAt }: NewEvent): OutageWrite | undefined {
  switch (type) {
    case 'down':
      return { kind: 'begin', from: data.since ?? createdAt, lostProbes: data.lostProbes ?? undefined };
    case 'recovery': {
      const { downSince, downSeconds, lostProbes } = data;
      const isKnown = downSince !== null && downSeconds !== null;
      return {
        ...{ kind: 'end', endedBy: 'recovery', lostProbes: lostProbes ?? undefined, from: downSince ?? undefined },
        to: isKnown ? downSince + Math.round(downSeconds * 1000) : createdAt,
      };
    }
    case 'stop':
    case 'delete':
      return {
        ...{ kind: 'end', endedBy: type === 'stop' ? 'pause' : 'delete', lostProbes: undefined, from: undefined },
        to: createdAt,
      };
    default:
      return undefined;
  }
}

/** The state that a command brings about; states that follow from results come with the results. */
export function stateWriteOf({ type, createdAt }: NewEvent): StoredState | undefined {
  const none = { since: createdAt, phase: 'unknown', phaseSince: null, errno: null } as const;
  if (type === 'start') return { ...none, state: 'pending' };
  return type === 'stop' ? { ...none, state: 'paused' } : undefined;
}

/** Those that overlap from <= time < to, in full. */
export function overlapping<Of extends Stretch>(
  stretches: readonly Of[],
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): readonly Of[] {
  return stretches.filter((stretch) => stretch.from < to && (stretch.to ?? Number.POSITIVE_INFINITY) >= from);
}
