import type { EpochMillis, TargetId, VantageId } from '../ids.ts';

/** One answer (or silence) on the way to an address. */
export interface Hop {
  /** Counted from 1. */
  readonly ttl: number;
  /** Canonical address of the router or of the destination; `undefined` for silence. */
  readonly ip: string | undefined;
  /** Name from reverse DNS; `undefined` if there is none or it took too long. */
  readonly host: string | undefined;
  readonly rttMicros: number | undefined;
  /** As made by `traceMark`, where the path ends because a router, or this machine itself (then without `ip`), refused. */
  readonly mark?: string | undefined;
  /** Probes sent with this TTL. */
  readonly sent: number;
  /** Every answer in order of arrival; several addresses where paths run in parallel. */
  readonly answers: readonly HopAnswer[];
}

export interface HopAnswer {
  readonly ip: string;
  readonly host: string | undefined;
  readonly rttMicros: number;
  /** Outermost first; empty if the router quoted none. */
  readonly mplsLabels: readonly MplsLabel[];
}

/** One entry of the label stack of a packet that reached a router, as the router quotes it (RFC 4950). */
export interface MplsLabel {
  readonly label: number;
  readonly trafficClass: number;
  readonly isBottom: boolean;
  readonly ttl: number;
}

/** One answer while a trace runs; names are looked up when it ends. */
export interface LiveHop {
  readonly ttl: number;
  readonly ip: string;
  readonly rttMicros: number;
  readonly mplsLabels: readonly MplsLabel[];
  /** A router on the way, the destination, or a router that refuses to forward. */
  readonly kind: 'passed' | 'reached' | 'refused';
  readonly mark?: string | undefined;
}

export interface Path {
  readonly startedAt: EpochMillis;
  readonly finishedAt: EpochMillis;
  /** In TTL order, without gaps, ending with the destination if it was reached. */
  readonly hops: readonly Hop[];
  readonly isDestinationReached: boolean;
}

export interface NewTrace {
  readonly targetId: TargetId;
  /** Where the path starts. */
  readonly vantage: VantageId;
  readonly path: Path;
}

export interface StoredTrace extends NewTrace {
  /** Increases with every trace of any target. */
  readonly id: number;
}

const initialTtls = [32, 64, 128, 255] as const;
/** The distance between two possible initial TTLs of a reply: the estimate may be off by exactly this many hops. */
const doubtHops = 32;
/** Above every estimate. */
const doubtfulFrom = 128;

/**
 * Estimated hops from the TTL of a reply: the nearest initial TTL of 32, 64, 128 or 255 at or above it, minus the TTL. A hop is a
 * router that forwarded the packet, so a host on the same network is 0 hops away. `undefined` when the TTL is unknown (0 or
 * `undefined`). A TTL of at most 32 may also have begun at 64; it is taken as such if that is nearer to `pathHops`, the length of
 * the target's path from its latest trace (`knownHopsOfPath`).
 */
export function hopsFromReplyTtl(replyTtl: number | undefined, pathHops?: number): number | undefined {
  const key = hopKeyOfTtl(replyTtl);
  return key === undefined ? undefined : hopsOfKey(key, pathHops);
}

/** What rollups group replies by: the hops, or, from 128 on, those of an ambiguous TTL. At most 159. */
export function hopKeyOfTtl(replyTtl: number | undefined): number | undefined {
  if (replyTtl === undefined || replyTtl <= 0 || replyTtl > 255) return undefined;
  const initial = initialTtls.find((ttl) => ttl >= replyTtl) ?? 255;
  return initial - replyTtl + (initial === 32 ? doubtfulFrom : 0);
}

export function hopsOfKey(key: number, pathHops: number | undefined): number {
  if (key < doubtfulFrom) return key;
  const hops = key - doubtfulFrom;
  return pathHops !== undefined && pathHops > hops + doubtHops / 2 ? hops + doubtHops : hops;
}

/** A reply TTL that `hopKeyOfTtl` maps to this key; there are several. */
export function ttlOfHopKey(key: number): number {
  if (key >= doubtfulFrom) return Math.max(1, 32 - (key - doubtfulFrom));
  return Math.max(1, (key < 64 ? 128 : 255) - key);
}

/** A path of at most this many hops never changes how a reply is counted. */
export const plainPathHops = doubtHops / 2;

/** The same from a trace: the routers before the destination; `undefined` if it did not answer. */
export function hopsOfPath({
  hops,
  isDestinationReached,
}: Pick<Path, 'hops' | 'isDestinationReached'>): number | undefined {
  const end = hops.at(-1);
  return isDestinationReached && end !== undefined ? end.ttl - 1 : undefined;
}

/** If the destination did not answer: the routers up to the last one that did, which is a lower bound. */
export function knownHopsOfPath(path: Pick<Path, 'hops' | 'isDestinationReached'>): number {
  return hopsOfPath(path) ?? path.hops.findLast(({ ip }) => ip !== undefined)?.ttl ?? 0;
}
