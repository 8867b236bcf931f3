import { type NewEvent, seenEvent } from '../event/event.ts';
import type { EpochMillis, SeriesKey } from '../ids.ts';
import type { Hop, Path } from './path.ts';

/** How many earlier traces are compared: parallel paths (ECMP) show up within them. */
export const pathMemory = 5;

export interface PathChange {
  /** The first hop that answers from an address that it did not have before. */
  readonly ttl: number;
  readonly before: readonly string[];
  readonly now: readonly string[];
}

export function addressesOf(hop: Hop): readonly string[] {
  const ips = hop.answers.map(({ ip }) => ip);
  return [...new Set(hop.ip === undefined ? ips : [hop.ip, ...ips])];
}

/** The TTLs before the path's end that did not answer. */
export function silentTtls({ hops }: Pick<Path, 'hops'>): readonly number[] {
  return hops.filter(({ ip }) => ip === undefined).map(({ ttl }) => ttl);
}

/**
 * What is new in a path compared with earlier ones of the same target (newest first; the first `pathMemory` count). Silence and
 * refusals are not changes, on either side, and neither is an address that the hop had in one of the earlier traces. A
 * destination at a different distance is a change at the hop where it now answers, or no longer does.
 */
export function pathChange(path: Path, earlier: readonly Path[]): PathChange | undefined {
  const known = earlier.slice(0, pathMemory);
  for (const hop of path.hops) {
    // A router that refuses is in the place of another hop.
    if (hop.mark !== undefined) continue;
    const now = addressesOf(hop);
    const before = new Set(known.flatMap(({ hops }) => hopAt(hops, hop.ttl)));
    if (now.length === 0 || before.size === 0 || now.some((ip) => before.has(ip))) continue;
    return { ttl: hop.ttl, before: [...before], now };
  }
  return undefined;
}

function hopAt(hops: readonly Hop[], ttl: number): readonly string[] {
  const hop = hops.find((each) => each.ttl === ttl);
  return hop === undefined || hop.mark !== undefined ? [] : addressesOf(hop);
}

/** A trace has its id only once it is stored; the storage fills it in. */
export function pathChangeEvent(key: SeriesKey, { ttl, before, now }: PathChange, at: EpochMillis): NewEvent {
  return seenEvent(key, 'path-change', { ttl, before, after: now, traceId: null }, at);
}

/** A path change names the trace that shows it, which has its id only once it is stored. */
export function withTraceId(events: readonly NewEvent[], traceId: number | undefined): readonly NewEvent[] {
  return events.map((event) =>
    event.type === 'path-change' ? { ...event, data: { ...event.data, traceId: traceId ?? null } } : event,
  );
}

/** How one hop of two paths compares; `silent` if only one of them answered. */
export type HopDifference = 'same' | 'changed' | 'silent' | 'onlyLeft' | 'onlyRight';

/** Two paths side by side, hop by hop to the longer one's end; each hop as the addresses that answered there. */
export function comparePaths(
  left: readonly (readonly string[])[],
  right: readonly (readonly string[])[],
): readonly HopDifference[] {
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, index) => differenceOf(left[index], right[index]));
}

function differenceOf(left: readonly string[] | undefined, right: readonly string[] | undefined): HopDifference {
  if (left === undefined) return 'onlyRight';
  if (right === undefined) return 'onlyLeft';
  if (left.length === 0 && right.length === 0) return 'same';
  if (left.length === 0 || right.length === 0) return 'silent';
  return left.some((ip) => right.includes(ip)) ? 'same' : 'changed';
}
