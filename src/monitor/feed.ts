import type { FeedListener } from '../recording/recording.ts';

/** Distributes live results, events and states to subscribers. */
export interface Feed extends FeedListener {
  /** Returns a function that unsubscribes. Callbacks that are left out are not called. */
  subscribe(listener: Partial<FeedListener>): () => void;
  readonly listenerCount: number;
}

/** `onFailure`: a listener threw; the others still receive everything. */
export function createFeed(onFailure: (error: unknown) => void): Feed {
  const listeners = new Set<Partial<FeedListener>>();

  function tell(call: (listener: Partial<FeedListener>) => void): void {
    for (const listener of listeners) {
      try {
        call(listener);
      } catch (error) {
        onFailure(error);
      }
    }
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onResults: (batch) => tell((listener) => listener.onResults?.(batch)),
    onEvent: (event) => tell((listener) => listener.onEvent?.(event)),
    onStates: (states) => tell((listener) => listener.onStates?.(states)),
    get listenerCount() {
      return listeners.size;
    },
  };
}
