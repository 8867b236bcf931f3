/** A stretch of time in epoch milliseconds; `to` is exclusive. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Bucket lengths in seconds that divide every hour or day evenly. */
export const steps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
] as const;
export type Step = (typeof steps)[number];

const bucketsPerPixel = 2;
/** A drawn stretch is requested in tiles of this many buckets, so that panning can reuse them. */
export const tileBuckets = 1000;

/** The finest step with at most two buckets per pixel and no bucket without a probe: probes are `intervalSeconds` apart. */
export function stepFor({ from, to }: TimeRange, width: number, intervalSeconds = 0): Step {
  const wanted = Math.max(intervalSeconds, (to - from) / 1000 / (Math.max(50, width) * bucketsPerPixel));
  return steps.find((step) => step >= wanted) ?? 86_400;
}

export interface TileKey {
  readonly step: Step;
  /** The tile begins at `index` tile lengths after the epoch. */
  readonly index: number;
}

export function tileRange({ step, index }: TileKey): TimeRange {
  const length = step * 1000 * tileBuckets;
  return { from: index * length, to: (index + 1) * length };
}

/** The tiles that a range needs, in time order. */
export function tilesOf(step: Step, { from, to }: TimeRange): readonly TileKey[] {
  const length = step * 1000 * tileBuckets;
  const first = Math.floor(from / length);
  const count = Math.max(1, Math.ceil(to / length) - first);
  return Array.from({ length: count }, (_, offset) => ({ step, index: first + offset }));
}
