import type { FastifyInstance } from 'fastify';
import {
  bucketsMax,
  type HistogramBinEntry,
  showInsights,
  type TimelineColumns,
  windowMinutesMax,
} from '../../contract/history/insights.ts';
import type { HistogramBin } from '../../core/history/histogram.ts';
import { type EpochMillis, mainVantage } from '../../core/ids.ts';
import { Problem } from '../../core/problem.ts';
import type { BucketSummary, SampleSummary, WindowSummary } from '../../core/history/window.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { findWithHistory } from '../requests/find-target.ts';
import { availabilityPercent } from '../answers/availability.ts';
import { serve } from '../requests/route.ts';
import { instantOf, lossRate, millisecondsOf } from '../translate.ts';

const minuteMillis = 60_000;
const defaultBucketSeconds = 60;

export function serveInsights(
  app: FastifyInstance,
  { storage, monitor, now }: Pick<ApiDependencies, 'storage' | 'monitor' | 'now'>,
): void {
  serve(app, showInsights, async ({ params, query }) => {
    const target = await findWithHistory(storage, params.id);
    const { from, to } = windowOf(query, now());
    const bucketMillis = (query.bucket_seconds ?? fittingBucketSeconds(from, to, defaultBucketSeconds)) * 1000;
    checkBuckets(from, to, bucketMillis);
    const summary = await storage.readWindow({
      targetId: target.id,
      vantage: mainVantage,
      from,
      to,
      bucketMillis,
      wantsHistogram: query.histogram,
      pathHops: monitor.traces.pathHopsOf(target.id),
    });
    return {
      target_id: target.id,
      target_ip: target.ip,
      created_at: instantOf(target.createdAt),
      window_minutes: (to - from) / minuteMillis,
      window_start: instantOf(from),
      window_end: instantOf(to),
      data_start: instantOf(summary.from),
      data_end: instantOf(summary.to),
      bucket_seconds: summary.bucketMillis / 1000,
      ...statistics(summary),
      availability_percent: await availabilityPercent(
        storage,
        { targetId: target.id, vantage: mainVantage },
        summary,
        now(),
      ),
      timeline: query.columns ? [] : summary.buckets.map(timelineBucket),
      ...(query.columns ? { timeline_columns: timelineColumns(summary.buckets) } : {}),
      ...(summary.histogram === undefined ? {} : { histogram: summary.histogram.map(histogramBin) }),
    };
  });
}

interface WindowGiven {
  readonly window_minutes?: number | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/**
 * `end` defaults to now and `start` to a number of minutes before it; an impossible window gets an error that says what would
 * fit.
 */
function windowOf(given: WindowGiven, now: EpochMillis): { readonly from: EpochMillis; readonly to: EpochMillis } {
  if (given.start !== undefined && given.window_minutes !== undefined) {
    throw invalid('window_minutes', 'cannot go with start: give start and end, or window_minutes and perhaps end.');
  }
  const to = given.end === undefined ? now : Date.parse(given.end);
  const from = given.start === undefined ? to - (given.window_minutes ?? 60) * minuteMillis : Date.parse(given.start);
  const minutes = (to - from) / minuteMillis;
  if (minutes <= 0) throw invalid('end', 'must be later than start.');
  if (minutes < 1) throw invalid('start', `makes a window of ${minutes * 60} s; the shortest is one minute.`);
  if (minutes > windowMinutesMax) {
    const latest = instantOf(to - windowMinutesMax * minuteMillis);
    throw invalid('start', `makes a window of more than five years; with this end, ${latest} is the earliest.`);
  }
  return { from, to };
}

const handyBucketSeconds = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
] as const;

function checkBuckets(from: EpochMillis, to: EpochMillis, bucketMillis: number): void {
  const count = bucketCount(from, to, bucketMillis);
  if (count <= bucketsMax) return;
  throw invalid(
    'bucket_seconds',
    `makes ${count} buckets of this window, ${bucketsMax} are the most; ${fittingBucketSeconds(from, to)} fits.`,
  );
}

/** The shortest round length, from `atLeast` on, that divides the window into no more buckets than an answer may have. */
function fittingBucketSeconds(from: EpochMillis, to: EpochMillis, atLeast = 1): number {
  const fits = (seconds: number): boolean => seconds >= atLeast && bucketCount(from, to, seconds * 1000) <= bucketsMax;
  return handyBucketSeconds.find(fits) ?? 86_400;
}

function bucketCount(from: EpochMillis, to: EpochMillis, bucketMillis: number): number {
  return Math.ceil((to - from) / bucketMillis);
}

function invalid(field: string, message: string): Problem {
  return new Problem('invalid-input', `${field} ${message}`, { faults: [{ field, message }] });
}

function statistics(summary: WindowSummary): Record<string, unknown> {
  const rate = lossRate(summary);
  const { hops } = summary;
  return {
    ...counts(summary),
    not_sent_count: summary.notSentCount,
    loss_rate: rate,
    uptime_percent: rate === null ? null : (100 * (summary.sampleCount - summary.lossCount)) / summary.sampleCount,
    latency_avg_ms: millisecondsOf(summary.rttMeanMicros),
    latency_min_ms: millisecondsOf(summary.rttMinMicros),
    latency_max_ms: millisecondsOf(summary.rttMaxMicros),
    latency_stddev_ms: millisecondsOf(summary.rttStandardDeviationMicros),
    latency_p10_ms: millisecondsOf(summary.rttP10Micros),
    latency_p50_ms: millisecondsOf(summary.rttP50Micros),
    latency_p90_ms: millisecondsOf(summary.rttP90Micros),
    latency_p95_ms: millisecondsOf(summary.rttP95Micros),
    latency_p99_ms: millisecondsOf(summary.rttP99Micros),
    jitter_ms: millisecondsOf(summary.jitterMicros),
    ipdv_mean_ms: millisecondsOf(summary.ipdvMeanMicros),
    hops:
      hops === undefined ? null : { last: hops.last, min: hops.min, max: hops.max, most_frequent: hops.mostFrequent },
    resolution: summary.resolution,
    coverage: summary.coverageRatio,
    percentile_error_bound: summary.percentileErrorRatio,
  };
}

function counts(summary: SampleSummary): { readonly sample_count: number; readonly loss_count: number } {
  return { sample_count: summary.sampleCount, loss_count: summary.lossCount };
}

function timelineBucket(bucket: BucketSummary): Record<string, unknown> {
  return {
    bucket: instantOf(bucket.startAt),
    avg_latency_ms: millisecondsOf(bucket.rttMeanMicros),
    min_latency_ms: millisecondsOf(bucket.rttMinMicros),
    max_latency_ms: millisecondsOf(bucket.rttMaxMicros),
    p10_latency_ms: millisecondsOf(bucket.rttP10Micros),
    p50_latency_ms: millisecondsOf(bucket.rttP50Micros),
    p90_latency_ms: millisecondsOf(bucket.rttP90Micros),
    p95_latency_ms: millisecondsOf(bucket.rttP95Micros),
    p99_latency_ms: millisecondsOf(bucket.rttP99Micros),
    loss_rate: lossRate(bucket),
    sample_count: bucket.sampleCount,
    not_sent_count: bucket.notSentCount,
    covered_seconds: bucket.coveredMillis / 1000,
  };
}

function timelineColumns(buckets: readonly BucketSummary[]): TimelineColumns {
  return {
    bucket: buckets.map(({ startAt }) => startAt / 1000),
    avg_latency_ms: buckets.map(({ rttMeanMicros }) => shortMilliseconds(rttMeanMicros)),
    min_latency_ms: buckets.map(({ rttMinMicros }) => shortMilliseconds(rttMinMicros)),
    max_latency_ms: buckets.map(({ rttMaxMicros }) => shortMilliseconds(rttMaxMicros)),
    p10_latency_ms: buckets.map(({ rttP10Micros }) => shortMilliseconds(rttP10Micros)),
    p50_latency_ms: buckets.map(({ rttP50Micros }) => shortMilliseconds(rttP50Micros)),
    p90_latency_ms: buckets.map(({ rttP90Micros }) => shortMilliseconds(rttP90Micros)),
    loss_rate: buckets.map(lossRate),
    sample_count: buckets.map(({ sampleCount }) => sampleCount),
    not_sent_count: buckets.map(({ notSentCount }) => notSentCount),
    covered_seconds: buckets.map(({ coveredMillis }) => coveredMillis / 1000),
  };
}

/** To the microsecond, which is the resolution of measurements; the endless decimals of means are half of an answer's bytes. */
function shortMilliseconds(micros: number | undefined): number | null {
  return micros === undefined ? null : Math.round(micros) / 1000;
}

function histogramBin({ fromMicros, toMicros, count }: HistogramBin): HistogramBinEntry {
  return { from_ms: fromMicros / 1000, to_ms: toMicros / 1000, count };
}
