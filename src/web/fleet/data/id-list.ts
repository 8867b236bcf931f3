const ranges = /^\d{1,10}(-\d{1,10})?(,\d{1,10}(-\d{1,10})?)*$/;
/** The lowest id, then a bit for each from it on. */
const bitmap = /^\d{1,10}~[\w-]+$/;
const idsMax = 100_000;
/** From this length on, a bitmap is tried. */
const rangesMax = 1000;

export function isIdList(text: string): boolean {
  return ranges.test(text) || bitmap.test(text);
}

/** Ids as a short text for an address: `1-40,45` or, if that is long, `1~_____3w`, a bit for each. */
export function idList(ids: Iterable<number>): string {
  const sorted = [...ids].sort((a, b) => a - b);
  const text = rangesOf(sorted);
  const span = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  if (text.length <= rangesMax || span > idsMax) return text;
  const bits = bitmapOf(sorted);
  return bits.length < text.length ? bits : text;
}

function bitmapOf(sorted: readonly number[]): string {
  const first = sorted[0] ?? 0;
  const bytes = new Uint8Array(Math.floor(((sorted.at(-1) ?? 0) - first) / 8) + 1);
  for (const id of sorted) {
    const at = (id - first) >> 3;
    bytes[at] = (bytes[at] ?? 0) | (1 << ((id - first) & 7));
  }
  const encoded = btoa(String.fromCharCode(...bytes));
  return `${first}~${encoded.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

function rangesOf(sorted: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const id of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && id <= last[1] + 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join();
}

/** The ids of such a text; none for any other text. */
export function idsOfList(text: string | undefined): ReadonlySet<number> {
  const ids = new Set<number>();
  if (text === undefined || !isIdList(text)) return ids;
  if (bitmap.test(text)) return idsOfBitmap(text);
  for (const part of text.split(',')) {
    const [first = 0, last = first] = part.split('-').map(Number);
    for (let id = first; id <= last && ids.size < idsMax; id++) ids.add(id);
  }
  return ids;
}

function idsOfBitmap(text: string): ReadonlySet<number> {
  const [first = '', encoded = ''] = text.split('~');
  const ids = new Set<number>();
  try {
    const bytes = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'));
    for (let bit = 0; bit < bytes.length * 8 && ids.size < idsMax; bit++)
      if ((bytes.charCodeAt(bit >> 3) >> (bit & 7)) & 1) ids.add(Number(first) + bit);
  } catch {
    // Truncated on its way: not a bitmap.
  }
  return ids;
}
