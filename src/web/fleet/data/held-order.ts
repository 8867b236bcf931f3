import { useRef } from 'react';
import type { FleetEntry } from './fleet-store.ts';

/**
 * Those of `before` that still exist, in their places, and the others of `arranged` after them: what a reader is about to click
 * stays where it is, whatever its state becomes.
 */
export function holdOrder(
  before: readonly number[],
  arranged: readonly FleetEntry[],
  all: readonly FleetEntry[],
): readonly FleetEntry[] {
  const known = new Map(all.map((entry) => [entry.target.id, entry]));
  const kept = before.flatMap((id) => known.get(id) ?? []);
  const shown = new Set(before);
  return [...kept, ...arranged.filter(({ target }) => !shown.has(target.id))];
}

/** `arranged` as it is, or held while `isHeld`. `wanted`: what was requested; when that changes, so does the order. */
export function useHeldOrder(
  arranged: readonly FleetEntry[],
  all: readonly FleetEntry[],
  { isHeld, wanted }: { readonly isHeld: boolean; readonly wanted: unknown },
): readonly FleetEntry[] {
  const last = useRef<{ readonly wanted: unknown; readonly shown: readonly FleetEntry[]; readonly from: unknown }>(
    undefined,
  );
  const { current } = last;
  if (current?.from === arranged && (isHeld || current.shown === arranged)) return current.shown;
  const isKept = isHeld && current !== undefined && current.wanted === wanted;
  const ids = isKept ? current.shown.map(({ target }) => target.id) : [];
  const shown = isKept ? holdOrder(ids, arranged, all) : arranged;
  last.current = { wanted, shown, from: arranged };
  return shown;
}
