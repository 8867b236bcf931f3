import { setTimeout as delay } from 'node:timers/promises';
import type { EpochMillis } from '../core/ids.ts';

/** Where time comes from, so that tests can bring their own. */
export interface Clock {
  readonly now: () => EpochMillis;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(millis: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(millis, signal) {
    try {
      await delay(millis, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};
