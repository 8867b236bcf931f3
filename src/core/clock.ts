import type { EpochMillis } from './ids.ts';

/** Where time comes from, so that tests can bring their own. */
export interface Clock {
  readonly now: () => EpochMillis;
  /** Resolves early, without an error, when the signal is aborted. */
  sleep(millis: number, signal: AbortSignal): Promise<void>;
}
