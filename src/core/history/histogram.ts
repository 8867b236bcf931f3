import { bucketStartMicros, type DenseSketch, mantissaBits } from './sketch.ts';

/** How many round trips lie in from <= rtt < to. */
export interface HistogramBin {
  readonly fromMicros: number;
  readonly toMicros: number;
  readonly count: number;
}

const binsMax = 96;

/**
 * The distribution of a sketch. Bins are groups of the sketch's own buckets (a power of two, the same for all), at most 96 of
 * them, so no round trip is moved to a bin that it is not in. Empty bins are omitted.
 */
export function histogramOf(sketch: Pick<DenseSketch, 'counts'>): readonly HistogramBin[] {
  const counts = [...sketch.counts()];
  const [first] = counts[0] ?? [0];
  const [last] = counts.at(-1) ?? [0];
  let shift = 0;
  while (shift < mantissaBits && (last >> shift) - (first >> shift) >= binsMax) shift++;
  const bins: HistogramBin[] = [];
  for (const [bucket, count] of counts) {
    // Bucket 0 holds only 0; the others are grouped so that groups end at octaves.
    const group = bucket === 0 ? 0 : (((bucket - 1) >> shift) << shift) + 1;
    const fromMicros = bucketStartMicros(group);
    const before = bins.at(-1);
    if (before?.fromMicros === fromMicros) bins[bins.length - 1] = { ...before, count: before.count + count };
    else bins.push({ fromMicros, toMicros: bucketStartMicros(bucket === 0 ? 1 : group + (1 << shift)), count });
  }
  return bins;
}
