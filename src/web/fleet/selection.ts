import { useMemo, useState } from 'react';

/** Which targets the next command is for. */
export interface Selection {
  readonly ids: ReadonlySet<number>;
  has(id: number): boolean;
  set(ids: readonly (number | undefined)[], isSelected: boolean): void;
  clear(): void;
}

export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
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
