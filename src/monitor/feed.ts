import type { FeedListener } from '../recording/recording.ts';

/** Spreads live results, events and states to whoever listens. */
export interface Feed extends FeedListener {
  /** Returns what ends the subscription. Whatever is left out is not told to this listener. */
  subscribe(listener: Partial<FeedListener>): () => void;
  readonly listenerCount: number;
}

/** `onFailure`: a listener threw; the others hear of everything all the same. */
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
