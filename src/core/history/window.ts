import type { HistogramBin } from './histogram.ts';
import type { EpochMillis, TargetId, VantageId } from '../ids.ts';
import { ceilTo, dayMillis, floorTo, hourMillis, minuteMillis } from './time-buckets.ts';

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
  /** The distribution of the round trips is requested as well. */
  readonly wantsHistogram?: boolean;
  /** From the latest trace of the target's path; see `hopsFromReplyTtl`. */
  readonly pathHops?: number | undefined;
}

/**
 * Statistics of a sample: all results of one target in one stretch of time. Figures that need a reply are `undefined` without
 * one, never 0 or NaN.
 */
export interface SampleSummary {
  /** Probes sent: replies and losses, without those that we failed to send. */
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
  /** The time that the bucket's results are valid for, which exceeds its length when probes are rarer than buckets. */
  readonly coveredMillis: number;
}

export interface WindowSummary extends SampleSummary {
  /** What the figures are about: the requested window, or more where only whole minutes or hours are kept. */
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly bucketMillis: number;
  /** RFC 3550 §6.4.1 applied to the window's replies in sending order; its value at the end. */
  readonly jitterMicros: number | undefined;
  /** Mean absolute difference between neighbouring replies (RFC 3393 ipdv on RTT). */
  readonly ipdvMeanMicros: number | undefined;
  readonly hops: HopSummary | undefined;
  /** The coarsest data that was used. */
  readonly resolution: Resolution;
  /** Share of the window in which we were probing, 0..1. */
  readonly coverageRatio: number;
  /** Bound of the relative error of every percentile given; 0 for raw results. */
  readonly percentileErrorRatio: number;
  /** In time order, without empty ones. */
  readonly buckets: readonly BucketSummary[];
  /** Ascending, without empty bins; `undefined` if not requested. */
  readonly histogram: readonly HistogramBin[] | undefined;
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
  /** RTT of the last result; `undefined` if it was lost or there is none. */
  readonly lastRttMicros: number | undefined;
  /** 0 or `undefined` if unknown. */
  readonly lastReplyTtl: number | undefined;
  /** All spark buckets in time order. A stretch that is passed again, as the same object, has not changed. */
  readonly sparks: readonly Sparks[];
}

/** Consecutive spark buckets. */
export interface Sparks {
  /** Median of each; `undefined` without a reply. */
  readonly rttMicros: readonly (number | undefined)[];
  /** 0 to 1; `undefined` if nothing was sent. */
  readonly lossRatio: readonly (number | undefined)[];
}

/** Where retention has deleted finer data: everything at or after this time is available. */
export interface RetainedFrom {
  readonly raw: EpochMillis;
  readonly minute: EpochMillis;
}

/** A stretch of a window and what answers it; rollups belong to the stretch in which they start. */
export interface WindowPart {
  readonly resolution: Resolution;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** Up to this length raw results are read: exact percentiles take about a millisecond per hour at 1 Hz. */
export const rawWindowMax = 6 * hourMillis;
/** Up to this length minutes are read even where hours would do, so that the edges of a bucket are exact. */
const minuteWindowMax = 2 * dayMillis;

/**
 * Which data answer a window, in time order without gaps: the coarsest that the buckets allow, so that at most a few thousand
 * rollups are read if possible, and finer data for ragged edges while they are retained.
 */
export function planWindow(
  { from, to, bucketMillis }: Pick<WindowQuery, 'from' | 'to' | 'bucketMillis'>,
  retained: RetainedFrom,
): readonly WindowPart[] {
  const parts = planPart(preferredResolution(to - from, bucketMillis), { from, to }, retained);
  return joinNeighbours(parts.filter((part) => part.from < part.to));
}

/**
 * The stretch that can be answered where retention has deleted finer data: extended to whole minutes or hours so that it contains
 * the window, in buckets no finer than what is left.
 */
export function widenToRetained<Query extends Pick<WindowQuery, 'from' | 'to' | 'bucketMillis'>>(
  query: Query,
  retained: RetainedFrom,
): Query {
  const stepAt = (time: EpochMillis): number => {
    if (time >= retained.raw) return 1;
    return time >= retained.minute ? minuteMillis : hourMillis;
  };
  const from = floorTo(query.from, stepAt(query.from));
  const to = ceilTo(query.to, stepAt(query.to));
  return { ...query, from, to, bucketMillis: ceilTo(query.bucketMillis, stepAt(from)) };
}

function preferredResolution(length: number, bucketMillis: number): Resolution {
  if (length <= rawWindowMax || bucketMillis % minuteMillis !== 0) return 'raw';
  return length <= minuteWindowMax || bucketMillis % hourMillis !== 0 ? '1m' : '1h';
}

const coarseness: readonly Resolution[] = ['raw', '1m', '1h'];

/** The coarsest resolution of a plan's parts. */
export function coarsestOf(parts: readonly WindowPart[]): Resolution {
  return coarseness.findLast((resolution) => parts.some((part) => part.resolution === resolution)) ?? 'raw';
}

// Below this length, minutes would omit too much of the window's edges.
const rawFleetMax = 10 * minuteMillis;
const hoursFleetMin = 36 * hourMillis;

/** What a fleet's rows over a window of a given length are made from. */
export function fleetResolution(length: number): Resolution {
  if (length > hoursFleetMin) return '1h';
  return length > rawFleetMax ? '1m' : 'raw';
}

interface Stretch {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

function planPart(resolution: Resolution, stretch: Stretch, retained: RetainedFrom): readonly WindowPart[] {
  const { from, to } = stretch;
  if (from >= to) return [];
  switch (resolution) {
    case 'raw': {
      const split = Math.min(to, Math.max(from, retained.raw));
      return [...planPart('1m', { from, to: split }, { ...retained, raw: split }), { resolution, from: split, to }];
    }
    case '1m': {
      const split = Math.min(to, Math.max(from, retained.minute));
      const coarse = planPart('1h', { from, to: split }, { raw: split, minute: split });
      return [...coarse, ...withEdges({ resolution, from: split, to }, minuteMillis, 'raw', retained)];
    }
    case '1h':
      return withEdges({ resolution, from, to }, hourMillis, '1m', retained);
    default:
      return resolution satisfies never;
  }
}

function withEdges(part: WindowPart, step: number, finer: Resolution, retained: RetainedFrom): readonly WindowPart[] {
  const { resolution, from, to } = part;
  const floor = finer === 'raw' ? retained.raw : retained.minute;
  // An edge whose finer data are gone keeps its resolution: a rollup belongs to where it starts.
  const first = from >= floor ? Math.min(to, ceilTo(from, step)) : from;
  const last = floorTo(to, step) >= floor ? Math.max(first, floorTo(to, step)) : to;
  return [
    ...planPart(finer, { from, to: first }, retained),
    { resolution, from: first, to: last },
    ...planPart(finer, { from: last, to }, retained),
  ];
}

function joinNeighbours(parts: readonly WindowPart[]): readonly WindowPart[] {
  const joined: WindowPart[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    if (before?.resolution === part.resolution) joined[joined.length - 1] = { ...before, to: part.to };
    else joined.push(part);
  }
  return joined;
}
