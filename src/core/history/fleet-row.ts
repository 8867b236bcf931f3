import type { EpochMillis } from '../ids.ts';
import { type Rollup, RollupAccumulator } from './rollup.ts';
import { ceilTo, minuteMillis } from './time-buckets.ts';
import type { FleetRow, Sparks } from './window.ts';
import { sketchPercentiles, summaryOf } from './window-builder.ts';

export interface FleetWindow {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly sparkBuckets: number;
}

type Summary = Pick<FleetRow, 'summary' | 'jitterMicros' | 'sparks'>;

/** The intermediate state of adding up rollups. Continuing from it gives the same answer, to the bit, as starting again. */
export interface FleetRowStart {
  readonly total: Rollup;
  /** The spark bucket that is still open, and its number. */
  readonly bucket: Rollup;
  readonly spark: number;
  readonly sparks: Sparks;
}

// Histograms are large, so they are cleared and reused.
const total = new RollupAccumulator();
const bucket = new RollupAccumulator();

/** Summary and sparks of a window from rollups in time order; each belongs to the bucket in which it starts. */
export function summarizeFleetRow(rollups: Iterable<Rollup>, window: FleetWindow, start?: FleetRowStart): Summary {
  const sums = addUp(rollups, window, start);
  sums.closeSpark();
  return {
    summary: summaryOf(total, sketchPercentiles(total)),
    jitterMicros: total.replies < 2 ? undefined : total.jitterMicros,
    sparks: [sums.sparks],
  };
}

/** The sum of the first rollups of a window, for all windows of the same `fleetGridKey` that begin with them. */
export function startFleetRow(rollups: Iterable<Rollup>, window: FleetWindow): FleetRowStart {
  const { spark, sparks } = addUp(rollups, window);
  return { total: total.toRollup(0), bucket: bucket.toRollup(0), spark, sparks };
}

/** Equal for windows of minutes that put every minute into the same spark bucket; `undefined` for a window that shifts them. */
export function fleetGridKey({ from, to, sparkBuckets }: FleetWindow): string | undefined {
  const sparkMillis = (to - from) / sparkBuckets;
  return sparkMillis % minuteMillis === 0 ? `${ceilTo(from, minuteMillis)} ${sparkMillis} ${sparkBuckets}` : undefined;
}

/** The sparks of all stretches as one. */
export function joinSparks(sparks: readonly Sparks[]): Sparks {
  return {
    rttMicros: sparks.flatMap(({ rttMicros }) => rttMicros),
    lossRatio: sparks.flatMap(({ lossRatio }) => lossRatio),
  };
}

interface Sums {
  readonly spark: number;
  readonly sparks: Sparks;
  readonly closeSpark: () => void;
}

function addUp(rollups: Iterable<Rollup>, { from, to, sparkBuckets }: FleetWindow, start?: FleetRowStart): Sums {
  const rttMicros = start?.sparks.rttMicros.slice() ?? Array.from<undefined>({ length: sparkBuckets });
  const lossRatio = start?.sparks.lossRatio.slice() ?? Array.from<undefined>({ length: sparkBuckets });
  const sparkMillis = (to - from) / sparkBuckets;
  let spark = start?.spark ?? -1;
  const closeSpark = (): void => {
    if (spark >= 0 && bucket.sent > 0) {
      rttMicros[spark] = bucket.sketch.percentiles([0.5], bucket.rttMinMicros, bucket.rttMaxMicros)[0];
      lossRatio[spark] = bucket.lost / bucket.sent;
    }
    total.addAccumulator(bucket);
    bucket.clear();
  };
  total.clear();
  bucket.clear();
  if (start !== undefined) {
    total.add(start.total);
    bucket.add(start.bucket);
  }
  for (const rollup of rollups) {
    const index = Math.min(sparkBuckets - 1, Math.max(0, Math.floor((rollup.startAt - from) / sparkMillis)));
    if (index !== spark) closeSpark();
    spark = index;
    bucket.add(rollup);
  }
  return { spark, sparks: { rttMicros, lossRatio }, closeSpark };
}
