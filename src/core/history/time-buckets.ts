import type { EpochMillis } from '../ids.ts';

export const minuteMillis = 60_000;
export const hourMillis = 3_600_000;
export const dayMillis = 86_400_000;

/** The UTC multiple of `step` at or before a time. */
export function floorTo(time: EpochMillis, step: number): EpochMillis {
  return Math.floor(time / step) * step;
}

/** The UTC multiple of `step` at or after a time. */
export function ceilTo(time: EpochMillis, step: number): EpochMillis {
  return Math.ceil(time / step) * step;
}

/** Midnight UTC on the first of the month that holds a time. */
export function monthStart(time: EpochMillis): EpochMillis {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

export function nextMonthStart(time: EpochMillis): EpochMillis {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
