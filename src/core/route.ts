import type { Hop, Path } from './path.ts';

/** So many earlier traces are looked at: paths that run side by side (ECMP) come up within them. */
export const routeMemory = 5;

export interface RouteChange {
  /** The first hop that answers from an address it did not have. */
  readonly ttl: number;
  readonly before: readonly string[];
  readonly now: readonly string[];
}

export function addressesOf(hop: Hop): readonly string[] {
  const ips = hop.answers.map(({ ip }) => ip);
  return [...new Set(hop.ip === undefined ? ips : [hop.ip, ...ips])];
}

/**
 * What is new in a path against the earlier ones of the same target (newest first; the first `routeMemory` count).
 * Silence is no change, on either side, and neither is an address that the hop has had in one of the earlier traces.
 * A destination that came at another distance is a change at the hop where it now answers, or no longer does.
 */
export function routeChange(path: Path, earlier: readonly Path[]): RouteChange | undefined {
  const known = earlier.slice(0, routeMemory);
  for (const hop of path.hops) {
    const now = addressesOf(hop);
    const before = new Set(known.flatMap(({ hops }) => hopAt(hops, hop.ttl)));
    if (now.length === 0 || before.size === 0 || now.some((ip) => before.has(ip))) continue;
    return { ttl: hop.ttl, before: [...before], now };
  }
  return undefined;
}

function hopAt(hops: readonly Hop[], ttl: number): readonly string[] {
  const hop = hops.find((each) => each.ttl === ttl);
  return hop === undefined ? [] : addressesOf(hop);
}

export function describeRouteChange({ ttl, before, now }: RouteChange): string {
  return `Route changed at hop ${ttl}: ${before.join(', ')} → ${now.join(', ')}`;
}

/** How one hop of two paths compares; `silent` where one of them does not say. */
export interface HopDifference {
  readonly ttl: number;
  readonly left: Hop | undefined;
  readonly right: Hop | undefined;
  readonly kind: 'same' | 'changed' | 'silent' | 'only-left' | 'only-right';
}

/** Two paths side by side, hop by hop up to the longer one's end. */
export function compareRoutes(left: readonly Hop[], right: readonly Hop[]): readonly HopDifference[] {
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, index): HopDifference => {
    const [one, other] = [left[index], right[index]];
    return { ttl: index + 1, left: one, right: other, kind: differenceOf(one, other) };
  });
}

function differenceOf(left: Hop | undefined, right: Hop | undefined): HopDifference['kind'] {
  if (left === undefined) return 'only-right';
  if (right === undefined) return 'only-left';
  const [one, other] = [addressesOf(left), addressesOf(right)];
  if (one.length === 0 && other.length === 0) return 'same';
  if (one.length === 0 || other.length === 0) return 'silent';
  return one.some((ip) => other.includes(ip)) ? 'same' : 'changed';
}
