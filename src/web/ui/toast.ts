import type * as Sonner from 'sonner';
import { wordsOf } from '../i18n/words-of.ts';

const undoMillis = 8000;

const listeners = new Set<() => void>();
let isWanted = false;
let mounted: (() => void) | undefined;
const whenMounted = new Promise<void>((resolve) => {
  mounted = resolve;
});

/** Whether there has been anything to say: the part that shows it is loaded only then. */
export const toasts = {
  isWanted: (): boolean => isWanted,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  mounted: (): void => mounted?.(),
};

/** Says what was done, with an undo if there is one. */
export function say(message: string, undo?: { readonly label: string; readonly onUndo: () => void }): void {
  void show(message, undo);
}

export function sayFailure(error: unknown): void {
  void showFailure(wordsOf(error));
}

async function open(): Promise<typeof Sonner> {
  isWanted = true;
  for (const listener of listeners) listener();
  await whenMounted;
  return import('sonner');
}

async function show(...[message, undo]: Parameters<typeof say>): Promise<void> {
  const { toast } = await open();
  if (undo === undefined) toast(message);
  else toast(message, { duration: undoMillis, action: { label: undo.label, onClick: undo.onUndo } });
}

async function showFailure(message: string): Promise<void> {
  const { toast } = await open();
  toast.error(message, { duration: undoMillis });
}
