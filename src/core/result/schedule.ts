import type { EpochMillis, TargetId } from '../ids.ts';

// 2^32 divided by the golden ratio: consecutive ids then fall into the largest gaps left by those before them.
const goldenMultiplier = 2_654_435_769;

/**
 * Where in its interval a target is probed, whole milliseconds in [0, intervalMillis). Depends only on the two arguments, so that
 * a restart keeps every planned time. Knuth, TAOCP vol. 3, §6.4.
 */
export function phaseMillis(id: TargetId, intervalMillis: number): number {
  const hash = Math.imul(id, goldenMultiplier) >>> 0;
  return Math.floor((hash * intervalMillis) / 4_294_967_296);
}

/** The first planned time later than `time` (which may have a fraction): whole, and ≡ the phase modulo the interval. */
export function nextSlotAfter(id: TargetId, intervalMillis: number, time: EpochMillis): EpochMillis {
  const phase = phaseMillis(id, intervalMillis);
  return (Math.floor((time - phase) / intervalMillis) + 1) * intervalMillis + phase;
}
