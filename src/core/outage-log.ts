import type { TargetEvent } from './event.ts';
import type { EpochMillis } from './ids.ts';
import type { OutageChange } from './outage.ts';

/** The events that say when a target was down, paused or not recorded. */
export const statusEventTypes = ['start', 'stop', 'delete', 'down', 'recovery', 'gap'] as const;

export interface Outage {
  /** The first of the losses. */
  readonly from: EpochMillis;
  /** `undefined` while it goes on. */
  readonly to: EpochMillis | undefined;
  readonly endedBy: 'recovery' | 'pause' | 'delete' | undefined;
}

export interface Stretch {
  readonly from: EpochMillis;
  /** `undefined` while it goes on. */
  readonly to: EpochMillis | undefined;
}

/** What the event log says about a target's time. */
export interface StatusLog {
  readonly outages: readonly Outage[];
  readonly pauses: readonly Stretch[];
  /** Results that were measured and could not be kept. */
  readonly gaps: readonly Stretch[];
}

export function describeOutageChange(change: OutageChange): string {
  switch (change.type) {
    case 'down':
      return `${change.losses} probes in a row lost since ${new Date(change.since).toISOString()}`;
    case 'recovery': {
      if (change.since === undefined) return 'First reply after an outage';
      const seconds = Math.max(0, Math.round((change.at - change.since) / 1000));
      return `First reply after ${seconds} s without one`;
    }
    default:
      return change satisfies never;
  }
}

const instantPattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

function instantsIn(message: string): readonly EpochMillis[] {
  return (message.match(instantPattern) ?? []).map((text) => Date.parse(text));
}

type Entry = Pick<TargetEvent, 'type' | 'message' | 'createdAt'>;

/**
 * Reads the log of one target, oldest first. A pause ends an outage, as nobody looks any more; where the target is still
 * down after it (`isDownNow`, or a recovery that no new `down` came before), a second outage begins with the resumption.
 */
export function readStatusLog(events: readonly Entry[], isDownNow: boolean): StatusLog {
  const outages: Outage[] = [];
  const pauses: Stretch[] = [];
  const gaps: Stretch[] = [];
  let downSince: EpochMillis | undefined;
  let pausedSince: EpochMillis | undefined;
  /** When probing went on after a pause that an outage had run into. */
  let resumedDownAt: EpochMillis | undefined;
  let isDownAtPause = false;

  const endOutage = (to: EpochMillis, endedBy: Outage['endedBy']): void => {
    const from = downSince ?? resumedDownAt;
    if (from !== undefined) outages.push({ from, to: Math.max(from, to), endedBy });
    downSince = resumedDownAt = undefined;
  };

  for (const { type, message, createdAt } of events) {
    switch (type) {
      case 'down':
        resumedDownAt = undefined;
        downSince ??= Math.min(instantsIn(message)[0] ?? createdAt, createdAt);
        break;
      case 'recovery':
        endOutage(recoveryAt(message, downSince) ?? createdAt, 'recovery');
        isDownAtPause = false;
        break;
      case 'stop':
      case 'delete':
        isDownAtPause ||= downSince !== undefined || resumedDownAt !== undefined;
        if (downSince !== undefined) endOutage(createdAt, type === 'stop' ? 'pause' : 'delete');
        resumedDownAt = undefined;
        pausedSince ??= createdAt;
        break;
      case 'start':
        if (pausedSince !== undefined) pauses.push({ from: pausedSince, to: createdAt });
        pausedSince = undefined;
        if (isDownAtPause) resumedDownAt = createdAt;
        isDownAtPause = false;
        break;
      case 'gap': {
        const [from = createdAt, to = createdAt] = instantsIn(message);
        gaps.push({ from, to });
        break;
      }
      default:
        break;
    }
  }
  if (pausedSince !== undefined) pauses.push({ from: pausedSince, to: undefined });
  const openSince = downSince ?? (isDownNow ? resumedDownAt : undefined);
  if (openSince !== undefined) outages.push({ from: openSince, to: undefined, endedBy: undefined });
  return { outages, pauses, gaps };
}

/** From the words of `describeOutageChange`, which are exact to the second; the event itself is written a moment later. */
function recoveryAt(message: string, downSince: EpochMillis | undefined): EpochMillis | undefined {
  const seconds = /after (\d+) s /.exec(message)?.[1];
  return seconds === undefined || downSince === undefined ? undefined : downSince + Number(seconds) * 1000;
}

/** Those that reach into from <= time < to, whole. */
export function overlapping<Of extends Stretch>(
  stretches: readonly Of[],
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): readonly Of[] {
  return stretches.filter((stretch) => stretch.from < to && (stretch.to ?? Number.POSITIVE_INFINITY) >= from);
}
