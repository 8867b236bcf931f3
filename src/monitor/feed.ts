import type { NewEvent } from '../core/event.ts';
import type { ResultBatch } from '../core/probe-result.ts';

/** Hears of everything as it happens; must not block and must not keep or change a batch. */
export interface FeedListener {
  onResults(batch: ResultBatch): void;
  onEvent(event: NewEvent): void;
}

/** Spreads live results and events to whoever listens. */
export interface Feed extends FeedListener {
  /** Returns what ends the subscription. */
  subscribe(listener: FeedListener): () => void;
  readonly listenerCount: number;
}

export function createFeed(): Feed {
  const listeners = new Set<FeedListener>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onResults(batch) {
      for (const listener of listeners) listener.onResults(batch);
    },
    onEvent(event) {
      for (const listener of listeners) listener.onEvent(event);
    },
    get listenerCount() {
      return listeners.size;
    },
  };
}
