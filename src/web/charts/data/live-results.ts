import { percentileOf } from '../../../core/result/statistics.ts';
import type { TimelineRow } from './timeline.ts';

/** One result as it comes; `latencyMs` is null if it was lost. */
export interface LivePoint {
  readonly at: number;
  readonly latencyMs: number | null;
}

/** Older data is requested from the server long before: a screen that stays open for days must not grow. */
const keptMillis = 600_000;
const keptMax = 40_000;

/** The latest results of one target, put into buckets when a chart needs them. */
export interface LiveResults {
  /** The time since which every result is here: from when the stream was open, or from the oldest that is kept. */
  readonly since: number;
  add(points: readonly LivePoint[]): void;
  /** The stream was interrupted: results may be missing. */
  restart(since: number): void;
  /** Buckets that begin at or after `from`, a multiple of `bucketMillis`, without empty ones. */
  rows(from: number, bucketMillis: number): readonly TimelineRow[];
}

export function createLiveResults(startedAt: number, intervalMillis: () => number): LiveResults {
  let since = startedAt;
  let points: LivePoint[] = [];
  let isSorted = true;
  return {
    get since() {
      return since;
    },
    restart(at) {
      since = at;
      points = [];
      isSorted = true;
    },
    add(added) {
      for (const point of added) {
        if (point.at < (points.at(-1)?.at ?? 0)) isSorted = false;
        points.push(point);
      }
      const last = points.at(-1)?.at ?? 0;
      if (points.length > keptMax || (points[0]?.at ?? 0) < last - 2 * keptMillis) {
        points.sort((a, b) => a.at - b.at);
        isSorted = true;
        points = points.filter(({ at }) => at >= last - keptMillis).slice(-keptMax / 2);
        // Older results are incomplete: a bucket that began before must not be made from the rest.
        since = Math.max(since, points[0]?.at ?? since);
      }
    },
    rows(from, bucketMillis) {
      if (!isSorted) points.sort((a, b) => a.at - b.at);
      isSorted = true;
      const rows: TimelineRow[] = [];
      let start = points.findLastIndex(({ at }) => at < from) + 1;
      while (start < points.length) {
        const bucketAt = Math.floor((points[start]?.at ?? 0) / bucketMillis) * bucketMillis;
        let end = start + 1;
        while (end < points.length && (points[end]?.at ?? 0) < bucketAt + bucketMillis) end++;
        rows.push(rowOf(points.slice(start, end), { bucketAt, bucketMillis, intervalMillis: intervalMillis() }));
        start = end;
      }
      return rows;
    },
  };
}

function rowOf(
  points: readonly LivePoint[],
  { bucketAt, bucketMillis, intervalMillis }: Readonly<Record<'bucketAt' | 'bucketMillis' | 'intervalMillis', number>>,
): TimelineRow {
  const replies = points.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs])).sort((a, b) => a - b);
  const sum = replies.reduce((total, each) => total + each, 0);
  return {
    at: bucketAt,
    lengthMillis: bucketMillis,
    avg: replies.length === 0 ? null : sum / replies.length,
    min: replies[0] ?? null,
    max: replies.at(-1) ?? null,
    p10: percentileOf(replies, 0.1) ?? null,
    p50: percentileOf(replies, 0.5) ?? null,
    p90: percentileOf(replies, 0.9) ?? null,
    loss: (points.length - replies.length) / points.length,
    sampleCount: points.length,
    notSentCount: 0,
    coveredMillis: points.length * intervalMillis,
  };
}
