import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../recording/recording.ts';
import type { EpochMillis } from '../core/ids.ts';

/**
 * The wall clock, but never behind the newest result: when it is set back, results keep their order, and a window that ended with
 * the wall clock would show none of them.
 */
export interface HistoryClock extends Clock {
  /** The time is at least this. */
  reach(at: EpochMillis): void;
  readonly wall: () => EpochMillis;
}

export function createHistoryClock(wall: () => EpochMillis = Date.now): HistoryClock {
  let reached = Number.NEGATIVE_INFINITY;
  return {
    wall,
    now: () => Math.max(wall(), reached),
    reach(at) {
      if (at > reached) reached = at;
    },
    async sleep(millis, signal) {
      try {
        await delay(millis, undefined, { signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}
