import type { EpochMillis } from './ids.ts';

/** One answer (or silence) on the way to an address. */
export interface Hop {
  /** Counted from 1. */
  readonly ttl: number;
  /** Canonical address of the router or of the destination; `undefined` for silence. */
  readonly ip: string | undefined;
  /** Name from reverse DNS; `undefined` when there is none or it took too long. */
  readonly host: string | undefined;
  readonly rttMicros: number | undefined;
}

export interface Path {
  readonly startedAt: EpochMillis;
  readonly finishedAt: EpochMillis;
  /** In TTL order, without gaps, ending with the destination where it was reached. */
  readonly hops: readonly Hop[];
  readonly isDestinationReached: boolean;
}

const initialTtls = [64, 128, 255] as const;

/**
 * Estimated hops from the TTL of a reply: the nearest initial TTL of 64, 128 or 255 at or above it, minus it.
 * `undefined` when the TTL is unknown (0 or `undefined`).
 */
export function hopsFromReplyTtl(replyTtl: number | undefined): number | undefined {
  if (replyTtl === undefined || replyTtl <= 0 || replyTtl > 255) return undefined;
  const initial = initialTtls.find((ttl) => ttl >= replyTtl) ?? 255;
  return initial - replyTtl;
}
