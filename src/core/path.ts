import type { EpochMillis, TargetId } from './ids.ts';

/** One answer (or silence) on the way to an address. */
export interface Hop {
  /** Counted from 1. */
  readonly ttl: number;
  /** Canonical address of the router or of the destination; `undefined` for silence. */
  readonly ip: string | undefined;
  /** Name from reverse DNS; `undefined` when there is none or it took too long. */
  readonly host: string | undefined;
  readonly rttMicros: number | undefined;
  /** As `traceMark` makes it, where the path ends because a router refused, or this machine itself (then without `ip`). */
  readonly mark?: string | undefined;
  /** Probes sent with this TTL. */
  readonly sent: number;
  /** Every answer in the order they came, more than one address where paths run side by side. */
  readonly answers: readonly HopAnswer[];
}

export interface HopAnswer {
  readonly ip: string;
  readonly host: string | undefined;
  readonly rttMicros: number;
  /** Outermost first; empty where the router quoted none. */
  readonly mplsLabels: readonly MplsLabel[];
}

/** One entry of the label stack that a packet came to a router with, as it quotes it (RFC 4950). */
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
  /** A router on the way, the destination, or a router that sends nothing on to it. */
  readonly kind: 'passed' | 'reached' | 'refused';
  readonly mark?: string | undefined;
}

export interface Path {
  readonly startedAt: EpochMillis;
  readonly finishedAt: EpochMillis;
  /** In TTL order, without gaps, ending with the destination where it was reached. */
  readonly hops: readonly Hop[];
  readonly isDestinationReached: boolean;
}

export interface NewTrace {
  readonly targetId: TargetId;
  readonly path: Path;
}

export interface StoredTrace extends NewTrace {
  /** Grows with every trace of any target. */
  readonly id: number;
}

const initialTtls = [32, 64, 128, 255] as const;

/**
 * Estimated hops from the TTL of a reply: the nearest initial TTL of 32, 64, 128 or 255 at or above it, minus it. A hop is a
 * router that passed the packet on, so that a host on the same network is 0 hops away. `undefined` when the TTL is unknown
 * (0 or `undefined`).
 */
export function hopsFromReplyTtl(replyTtl: number | undefined): number | undefined {
  if (replyTtl === undefined || replyTtl <= 0 || replyTtl > 255) return undefined;
  const initial = initialTtls.find((ttl) => ttl >= replyTtl) ?? 255;
  return initial - replyTtl;
}

/** The same as a trace has it: the routers before the destination; `undefined` where that did not answer. */
export function hopsOfPath({
  hops,
  isDestinationReached,
}: Pick<Path, 'hops' | 'isDestinationReached'>): number | undefined {
  const end = hops.at(-1);
  return isDestinationReached && end !== undefined ? end.ttl - 1 : undefined;
}
