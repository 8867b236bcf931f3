import type { EpochMillis } from '../core/ids.ts';
import type { NewEvent } from '../core/event/event.ts';
import type { ResultBatch } from '../core/result/probe-result.ts';
import type { StateRow, Storage } from '../storage/storage.ts';

/** Where commits become durable. */
export type CommitStore = Pick<Storage, 'append'>;

/** The events and states that follow from a batch of results. */
export interface Observed {
  /** In the order of the results that they follow from. */
  readonly events: readonly NewEvent[];
  readonly states: readonly StateRow[];
}

/** Derives events and states from results, in the order of the results. */
export interface ResultObserver {
  observeBatch(batch: ResultBatch): Observed;
}

/** Receives everything as it happens; must not block and must not keep or change a batch. */
export interface FeedListener {
  onResults(batch: ResultBatch): void;
  onEvent(event: NewEvent): void;
  onStates(states: readonly StateRow[]): void;
}

/** Where time comes from, so that tests can replace it. */
export interface Clock {
  readonly now: () => EpochMillis;
  /** Resolves early, without an error, when the signal is aborted. */
  sleep(millis: number, signal: AbortSignal): Promise<void>;
}
