import { useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

let isOn = false;
const listeners = new Set<() => void>();

// In tests beside the code there is no window.
for (const [event, value] of [
  ['beforeprint', true],
  ['afterprint', false],
] as const) {
  globalThis.addEventListener?.(event, () => {
    isOn = value;
    // The browser lays the page out for paper as soon as its listeners return.
    flushSync(() => {
      for (const listener of listeners) listener();
    });
  });
}

/** Whether the page is being printed: then nothing is left out that a screen shows only after scrolling. */
export function isPrinting(): boolean {
  return isOn;
}

export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, isPrinting);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
