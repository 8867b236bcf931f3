import type { EpochMillis } from '../ids.ts';
import { outcomeCodes } from '../result/probe-result.ts';
import { hopsOfKey } from '../path/path.ts';
import { type Rollup, RollupAccumulator } from './rollup.ts';
import type { Series } from '../result/series.ts';
import { histogramOf } from './histogram.ts';
import { DenseSketch, sketchErrorRatio } from './sketch.ts';
import { percentileOf, standardDeviation } from '../result/statistics.ts';
import { floorTo } from './time-buckets.ts';
import type { BucketSummary, HopSummary, Resolution, SampleSummary, WindowQuery, WindowSummary } from './window.ts';

const percentileRatios = [0.1, 0.5, 0.9, 0.95, 0.99] as const;

/** Builds the answer to a window query from results and rollups that are added in time order. */
export interface WindowBuilder {
  addRows(series: Series): void;
  addRollups(rollups: Iterable<Rollup>): void;
  /** `coveredBefore`: how much of the window the last result before it covers, in milliseconds. */
  finish(resolution: Resolution, coveredBefore: number): WindowSummary;
}

/** `isExact`: the whole window will be added as rows, so percentiles are those of the results themselves. */
export function createWindowBuilder(
  query: Pick<WindowQuery, 'from' | 'to' | 'bucketMillis' | 'wantsHistogram' | 'pathHops'>,
  isExact: boolean,
): WindowBuilder {
  const { from, to, bucketMillis } = query;
  const total = new RollupAccumulator(!isExact);
  const bucket = new RollupAccumulator(!isExact);
  const buckets: BucketSummary[] = [];
  const rtts = new RttCollector();
  let bucketAt: EpochMillis = Number.NEGATIVE_INFINITY;

  const closeBucket = (): void => {
    if (bucket.isEmpty) return;
    const percentiles = isExact ? rtts.takeBucketPercentiles() : sketchPercentiles(bucket);
    buckets.push({ startAt: bucketAt, coveredMillis: bucket.coveredMillis, ...summaryOf(bucket, percentiles) });
    total.addAccumulator(bucket);
    bucket.clear();
  };
  const openBucket = (time: EpochMillis): void => {
    if (time < bucketAt + bucketMillis) return;
    closeBucket();
    bucketAt = floorTo(time, bucketMillis);
  };

  return {
    addRows: (series) => {
      for (let start = 0; start < series.length;) {
        openBucket(series.sentAtMillis[start] ?? 0);
        let end = start + 1;
        while (end < series.length && (series.sentAtMillis[end] ?? 0) < bucketAt + bucketMillis) end++;
        bucket.addRows(series, start, end, to);
        if (isExact) rtts.add(series, start, end);
        start = end;
      }
    },
    addRollups: (rollups) => {
      for (const rollup of rollups) {
        openBucket(rollup.startAt);
        bucket.add(rollup);
      }
    },
    finish: (resolution, coveredBefore) => {
      closeBucket();
      return {
        ...{ from, to, bucketMillis },
        ...summaryOf(total, isExact ? rtts.totalPercentiles() : sketchPercentiles(total)),
        jitterMicros: total.replies < 2 ? undefined : total.jitterMicros,
        ipdvMeanMicros: total.replies < 2 ? undefined : total.ipdvSumMicros / (total.replies - 1),
        hops: hopSummaryOf(total, query.pathHops),
        resolution,
        coverageRatio: Math.min(1, (total.coveredMillis + coveredBefore) / (to - from)),
        percentileErrorRatio: isExact ? 0 : sketchErrorRatio,
        buckets,
        histogram: query.wantsHistogram === true ? histogramOf(isExact ? rtts.sketch() : total.sketch) : undefined,
      };
    },
  };
}

/** Round trips of the window and of its current bucket, for exact percentiles. */
class RttCollector {
  #rtts = new Uint32Array(4096);
  #count = 0;
  #bucketStart = 0;

  add({ outcomes, rttMicros }: Series, start: number, end: number): void {
    if (this.#count + end - start > this.#rtts.length) {
      const grown = new Uint32Array(Math.max(this.#rtts.length * 2, this.#count + end - start));
      grown.set(this.#rtts);
      this.#rtts = grown;
    }
    for (let index = start; index < end; index++) {
      if (outcomes[index] === outcomeCodes.reply) this.#rtts[this.#count++] = rttMicros[index] ?? 0;
    }
  }

  takeBucketPercentiles(): Percentiles {
    // Sorted in place; the total is sorted again, and faster for it.
    const sorted = this.#rtts.subarray(this.#bucketStart, this.#count).sort();
    this.#bucketStart = this.#count;
    return percentileRatios.map((ratio) => percentileOf(sorted, ratio));
  }

  sketch(): DenseSketch {
    const sketch = new DenseSketch();
    for (let index = 0; index < this.#count; index++) sketch.add(this.#rtts[index] ?? 0);
    return sketch;
  }

  totalPercentiles(): Percentiles {
    const sorted = this.#rtts.subarray(0, this.#count).sort();
    return percentileRatios.map((ratio) => percentileOf(sorted, ratio));
  }
}

type Percentiles = readonly (number | undefined)[];

export function sketchPercentiles(accumulator: RollupAccumulator): Percentiles {
  return percentilesOf(accumulator.sketch, accumulator);
}

/** Those of `summaryOf`, from a sketch of the sample's round trips that is kept elsewhere. */
export function percentilesOf(
  sketch: Pick<DenseSketch, 'percentiles'>,
  { rttMinMicros, rttMaxMicros }: Pick<Rollup, 'rttMinMicros' | 'rttMaxMicros'>,
): Percentiles {
  return sketch.percentiles(percentileRatios, rttMinMicros, rttMaxMicros);
}

/** `percentiles`: at 10, 50, 90, 95 and 99 %. */
export function summaryOf(sample: RollupAccumulator, percentiles: Percentiles): SampleSummary {
  const { replies } = sample;
  const [rttP10Micros, rttP50Micros, rttP90Micros, rttP95Micros, rttP99Micros] = percentiles;
  return {
    sampleCount: sample.sent,
    lossCount: sample.lost,
    notSentCount: sample.notSent,
    rttMeanMicros: replies === 0 ? undefined : sample.rttSumMicros / replies,
    rttMinMicros: replies === 0 ? undefined : sample.rttMinMicros,
    rttMaxMicros: replies === 0 ? undefined : sample.rttMaxMicros,
    rttStandardDeviationMicros: standardDeviation(replies, sample.rttSumMicros, sample.rttSumSquares),
    ...{ rttP10Micros, rttP50Micros, rttP90Micros, rttP95Micros, rttP99Micros },
  };
}

function hopSummaryOf(sample: RollupAccumulator, pathHops: number | undefined): HopSummary | undefined {
  if (sample.hopsLast === undefined) return undefined;
  const counts = new Map<number, number>();
  for (const { hops: key, count } of sample.hopCounts()) {
    const hops = hopsOfKey(key, pathHops);
    counts.set(hops, (counts.get(hops) ?? 0) + count);
  }
  const [first, ...others] = [...counts].toSorted(([a], [b]) => a - b);
  if (first === undefined) return undefined;
  const [mostFrequent] = others.reduce((best, each) => (each[1] > best[1] ? each : best), first);
  const max = others.at(-1)?.[0] ?? first[0];
  return { last: hopsOfKey(sample.hopsLast, pathHops), min: first[0], max, mostFrequent };
}
