import { useEffect, useEffectEvent } from 'react';

type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const sequenceMillis = 1000;
interface Press {
  readonly key: string;
  readonly at: number;
}
let before: Press | undefined;
let latest: Press | undefined;

/**
 * Single keys (`/`, `?`, `Escape`) and sequences (`g f`) while the component is shown. They are inactive while typing, in dialogs
 * and menus, and with Ctrl, Alt or Meta held, which belong to browser and system.
 */
export function useKeys(keys: KeyMap): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || isTaken(event.target)) return;
    const sequence =
      before !== undefined && event.timeStamp - before.at < sequenceMillis ? `${before.key} ${event.key}` : event.key;
    const action = keys[sequence] ?? keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action(event);
  });
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

// In the capture phase, so before every listener above.
addEventListener(
  'keydown',
  (event) => {
    before = latest;
    latest = { key: event.key, at: event.timeStamp };
  },
  { capture: true },
);

function isTaken(element: EventTarget | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element.closest('[role=dialog],[role=alertdialog],[role=menu]') !== null)
    return true;
  if (element instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'range'].includes(element.type);
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}
