import { setTimeout as delay } from 'node:timers/promises';
import type { EpochMillis } from '../core/ids.ts';

/** Where time comes from, so that tests can bring their own. */
export interface Clock {
  readonly now: () => EpochMillis;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(millis: number, signal: AbortSignal): Promise<void>;
}

/**
 * The wall clock, but never behind the newest result: those keep their order when it is set back, and a window that ended
 * with the wall clock would show none of them.
 */
export interface HistoryClock extends Clock {
  /** Time is at least this. */
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
