import { useEffect, useMemo, useRef, useState } from 'react';
import { idList, idsOfList } from './id-list.ts';

/** Room for 36,000 ids however they lie; web servers take 8 KiB. */
const addressMax = 6000;

/** Which targets the next command is for. */
export interface Selection {
  readonly ids: ReadonlySet<number>;
  has(id: number): boolean;
  set(ids: readonly (number | undefined)[], isSelected: boolean): void;
  clear(): void;
}

/** Kept in the address as `text`: Back to the fleet finds it as it was. */
export function useSelection(text: string | undefined, keep: (text: string | undefined) => void): Selection {
  const [ids, setIds] = useState(() => idsOfList(text));
  const written = useRef(text);
  useEffect(() => {
    const next = ids.size === 0 ? undefined : idList(ids);
    // Longer addresses are cut by some servers and proxies.
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
