import type { ProbeResult } from './probe-result.ts';
import { isLost } from './probe-result.ts';

/**
 * Percentile by linear interpolation between order statistics (percentile_cont, numpy's default). `sorted`: ascending; `ratio`:
 * 0..1. `undefined` for an empty sample.
 */
export function percentileOf(sorted: ArrayLike<number>, ratio: number): number | undefined {
  if (sorted.length === 0) return undefined;
  const rank = ratio * (sorted.length - 1);
  const below = Math.floor(rank);
  const lower = sorted[below] ?? 0;
  const upper = sorted[Math.ceil(rank)] ?? lower;
  return lower + (upper - lower) * (rank - below);
}

/** Share of the sent probes that were lost, 0..1 (RFC 6673); `undefined` if none was sent. */
export function lossRatio(results: readonly ProbeResult[]): number | undefined {
  const sent = results.filter((result) => result.outcome !== 'not-sent');
  return sent.length === 0 ? undefined : sent.filter(isLost).length / sent.length;
}

/** Of the whole sample (divided by n), from its moments; `undefined` for an empty one. */
export function standardDeviation(count: number, sum: number, sumOfSquares: number): number | undefined {
  if (count === 0) return undefined;
  const mean = sum / count;
  // Rounding can make the difference slightly negative when all values are equal.
  return Math.sqrt(Math.max(0, sumOfSquares / count - mean * mean));
}

/** One step of the filter of RFC 3550 §6.4.1. */
export function smoothJitter(jitterMicros: number, differenceMicros: number): number {
  return jitterMicros + (Math.abs(differenceMicros) - jitterMicros) / 16;
}

/**
 * Smoothed variation between neighbouring round trips, in microseconds. `rttsMicros`: replies only, in sending order. `undefined`
 * for fewer than two. RFC 3550 §6.4.1, with the RTT instead of one-way transit.
 */
export function jitterMicros(rttsMicros: ArrayLike<number>): number | undefined {
  if (rttsMicros.length < 2) return undefined;
  let jitter = 0;
  for (let index = 1; index < rttsMicros.length; index++) {
    jitter = smoothJitter(jitter, (rttsMicros[index] ?? 0) - (rttsMicros[index - 1] ?? 0));
  }
  return jitter;
}
