import type { EpochMillis, TargetId, VantageId } from './ids.ts';

export type Resolution = 'raw' | '1m' | '1h';

export interface WindowQuery {
  readonly targetId: TargetId;
  readonly vantage: VantageId;
  /** Inclusive. */
  readonly from: EpochMillis;
  /** Exclusive. */
  readonly to: EpochMillis;
  /** Buckets begin at UTC multiples of it. */
  readonly bucketMillis: number;
}

/**
 * Statistics of a sample: all results of one target in one stretch of time. Numbers that need a reply are `undefined`
 * where there was none, never 0 or NaN.
 */
export interface SampleSummary {
  /** Probes sent: replies and losses, not those that we failed to send. */
  readonly sampleCount: number;
  readonly lossCount: number;
  readonly notSentCount: number;
  readonly rttMeanMicros: number | undefined;
  readonly rttMinMicros: number | undefined;
  readonly rttMaxMicros: number | undefined;
  readonly rttStandardDeviationMicros: number | undefined;
  readonly rttP10Micros: number | undefined;
  readonly rttP50Micros: number | undefined;
  readonly rttP90Micros: number | undefined;
  readonly rttP95Micros: number | undefined;
  readonly rttP99Micros: number | undefined;
}

export interface BucketSummary extends SampleSummary {
  /** Start of the bucket, a UTC multiple of the bucket length. */
  readonly startAt: EpochMillis;
}

export interface WindowSummary extends SampleSummary {
  /** RFC 3550 §6.4.1 run over the window's replies in sending order, its value at the end. */
  readonly jitterMicros: number | undefined;
  /** Mean absolute difference between neighbouring replies (RFC 3393 ipdv on RTT). */
  readonly ipdvMeanMicros: number | undefined;
  readonly hops: HopSummary | undefined;
  /** The coarsest data that was used. */
  readonly resolution: Resolution;
  /** Share of the window in which we were probing, 0..1. */
  readonly coverageRatio: number;
  /** Bound of the relative error of every percentile given: 0 on raw results. */
  readonly percentileErrorRatio: number;
  /** Time order, empty ones left out. */
  readonly buckets: readonly BucketSummary[];
}

export interface HopSummary {
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly mostFrequent: number;
}

/** One target's last stretch of time, for the fleet view. */
export interface FleetRow {
  readonly targetId: TargetId;
  readonly summary: SampleSummary;
  readonly jitterMicros: number | undefined;
  readonly lastSentAt: EpochMillis | undefined;
  /** RTT of the last result; `undefined` when it was lost or there is none. */
  readonly lastRttMicros: number | undefined;
  readonly lastHops: number | undefined;
  /** Median RTT of each spark bucket in time order; `undefined` where there was no reply. */
  readonly sparkRttMicros: readonly (number | undefined)[];
  /** Loss ratio of each spark bucket; `undefined` where nothing was sent. */
  readonly sparkLossRatio: readonly (number | undefined)[];
}
