import type { EpochMillis } from './ids.ts';
import { type Rollup, RollupAccumulator } from './rollup.ts';
import type { FleetRow } from './window.ts';
import { sketchPercentiles, summaryOf } from './window-builder.ts';

export interface FleetWindow {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly sparkBuckets: number;
}

type Summary = Pick<FleetRow, 'summary' | 'jitterMicros' | 'sparkRttMicros' | 'sparkLossRatio'>;

// Histograms are large: they are cleared and used again.
const total = new RollupAccumulator();
const bucket = new RollupAccumulator();

/** Summary and sparks of a window from rollups in time order: each belongs to the bucket in which it starts. */
export function summarizeFleetRow(rollups: Iterable<Rollup>, { from, to, sparkBuckets }: FleetWindow): Summary {
  const sparkRttMicros = Array.from<number | undefined>({ length: sparkBuckets });
  const sparkLossRatio = Array.from<number | undefined>({ length: sparkBuckets });
  const sparkMillis = (to - from) / sparkBuckets;
  let spark = -1;
  const closeSpark = (): void => {
    if (spark >= 0 && bucket.sent > 0) {
      sparkRttMicros[spark] = bucket.sketch.percentiles([0.5], bucket.rttMinMicros, bucket.rttMaxMicros)[0];
      sparkLossRatio[spark] = bucket.lost / bucket.sent;
    }
    total.addAccumulator(bucket);
    bucket.clear();
  };
  total.clear();
  bucket.clear();
  for (const rollup of rollups) {
    const index = Math.min(sparkBuckets - 1, Math.max(0, Math.floor((rollup.startAt - from) / sparkMillis)));
    if (index !== spark) closeSpark();
    spark = index;
    bucket.add(rollup);
  }
  closeSpark();
  return {
    summary: summaryOf(total, sketchPercentiles(total)),
    jitterMicros: total.replies < 2 ? undefined : total.jitterMicros,
    sparkRttMicros,
    sparkLossRatio,
  };
}
