const pattern = /^\d{1,10}(-\d{1,10})?(,\d{1,10}(-\d{1,10})?)*$/;
const idsMax = 100_000;

export function isIdList(text: string): boolean {
  return pattern.test(text);
}

/** Ids as a short text for an address: `1-40,45`. */
export function idList(ids: Iterable<number>): string {
  const ranges: [number, number][] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && id <= last[1] + 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join();
}

/** The ids of such a text; none where it is no such text. */
export function idsOfList(text: string | undefined): ReadonlySet<number> {
  const ids = new Set<number>();
  if (text === undefined || !isIdList(text)) return ids;
  for (const part of text.split(',')) {
    const [first = 0, last = first] = part.split('-').map(Number);
    for (let id = first; id <= last && ids.size < idsMax; id++) ids.add(id);
  }
  return ids;
}
