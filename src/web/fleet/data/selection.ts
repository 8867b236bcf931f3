import { useEffect, useMemo, useRef, useState } from 'react';
import { idList, idsOfList } from './id-list.ts';

/** Room for any set of 36,000 ids; web servers accept 8 KiB. */
const addressMax = 6000;

/** Which targets the next command applies to. */
export interface Selection {
  readonly ids: ReadonlySet<number>;
  has(id: number): boolean;
  set(ids: readonly (number | undefined)[], isSelected: boolean): void;
  clear(): void;
}

/** Kept in the address as `text`, so that Back restores it. */
export function useSelection(text: string | undefined, keep: (text: string | undefined) => void): Selection {
  const [ids, setIds] = useState(() => idsOfList(text));
  const written = useRef(text);
  useEffect(() => {
    const next = ids.size === 0 ? undefined : idList(ids);
    // Some servers and proxies truncate longer addresses.
    const kept = next !== undefined && next.length > addressMax ? undefined : next;
    if (kept === written.current) return;
    written.current = kept;
    keep(kept);
  }, [ids, keep]);
  return useMemo(
    () => ({
      ids,
      has: (id) => ids.has(id),
      set: (changed, isSelected) =>
        setIds((before) => {
          const next = new Set(before);
          for (const id of changed) {
            if (id === undefined) continue;
            if (isSelected) next.add(id);
            else next.delete(id);
          }
          return next;
        }),
      clear: () => setIds(new Set()),
    }),
    [ids],
  );
}
