import type { EpochMillis } from '../../../core/ids.ts';
import { outcomeCodes } from '../../../core/result/probe-result.ts';
import type { Rollup } from '../../../core/history/rollup.ts';
import { SparseSketch } from '../../../core/history/sparse-sketch.ts';
import type { Sparks } from '../../../core/history/window.ts';

export interface LastSent {
  readonly sentAt: EpochMillis;
  readonly outcome: number;
  readonly rttMicros: number;
  readonly detail: number;
}

/** What is cached of a target apart from its closed minutes. */
export interface Followed {
  readonly slot: number;
  /** Minutes since 1970; 0 before the first result. */
  openMinute: number;
  /** Round trips of the open minute in order of arrival. */
  readonly openRtts: number[];
  openLost: number;
  openNotSent: number;
  last: LastSent | undefined;
  /** The round trips of all minutes from `hourFrom` on, including the open one. */
  readonly hour: SparseSketch;
  hourFrom: number;
  past: Past | undefined;
}

/** The sum of the closed minutes of an hour. */
export interface Past {
  readonly first: number;
  /** The minute after its last. */
  readonly end: number;
  readonly total: Rollup;
  readonly sparks: Sparks;
  isAskedFor: boolean;
}

export interface WritableSparks {
  readonly rttMicros: (number | undefined)[];
  readonly lossRatio: (number | undefined)[];
}

export function addSpark(
  { rttMicros, lossRatio }: WritableSparks,
  { sent, lost }: Pick<Rollup, 'sent' | 'lost'>,
  medianMicros: number | undefined,
): void {
  rttMicros.push(sent > lost ? medianMicros : undefined);
  lossRatio.push(sent > 0 ? lost / sent : undefined);
}

export function createFollowed(slot: number): Followed {
  const open = { openMinute: 0, openRtts: [], openLost: 0, openNotSent: 0 };
  return { slot, ...open, last: undefined, hour: new SparseSketch(), hourFrom: 0, past: undefined };
}

export function addOpen(target: Followed, outcome: number, rttMicros: number): void {
  if (outcome === outcomeCodes['not-sent']) target.openNotSent++;
  else if (outcome === outcomeCodes.reply) {
    target.openRtts.push(rttMicros);
    target.hour.add(rttMicros);
  } else target.openLost++;
}
