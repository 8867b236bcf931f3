import type { TimelineColumns } from '../../../contract/history/insights.ts';
import type { TimeRange } from '../axis/time-steps.ts';

/** One bucket of a timeline. Latencies are milliseconds; null where there was no reply. */
export interface TimelineRow {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly lengthMillis: number;
  readonly avg: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly p10: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  /** 0..1; null where nothing was sent. */
  readonly loss: number | null;
  readonly sampleCount: number;
  readonly notSentCount: number;
  /** For how long the bucket's results speak; more than its length where probes are rarer. */
  readonly coveredMillis: number;
}

export function rowsOfColumns(columns: TimelineColumns, bucketSeconds: number): readonly TimelineRow[] {
  return columns.bucket.map((second, index) => ({
    at: second * 1000,
    lengthMillis: bucketSeconds * 1000,
    avg: columns.avg_latency_ms[index] ?? null,
    min: columns.min_latency_ms[index] ?? null,
    max: columns.max_latency_ms[index] ?? null,
    p10: columns.p10_latency_ms[index] ?? null,
    p50: columns.p50_latency_ms[index] ?? null,
    p90: columns.p90_latency_ms[index] ?? null,
    loss: columns.loss_rate[index] ?? null,
    sampleCount: columns.sample_count[index] ?? 0,
    notSentCount: columns.not_sent_count[index] ?? 0,
    coveredMillis: (columns.covered_seconds[index] ?? 0) * 1000,
  }));
}

/** Until when a row speaks: to the end of its bucket, and longer where probes are rarer than buckets. */
export function endOf({
  at,
  lengthMillis,
  coveredMillis,
}: Pick<TimelineRow, 'at' | 'lengthMillis' | 'coveredMillis'>): number {
  return at + Math.max(lengthMillis, coveredMillis);
}

export interface OpenStretch {
  readonly from: number;
  /** `undefined` while it goes on. */
  readonly to: number | undefined;
}

/**
 * Why there is nothing to draw: paused by somebody; a gap (measured, but not kept); absent (this server was not probing,
 * or failed to send).
 */
export type AbsenceKind = 'pause' | 'gap' | 'absent';
export interface Absence extends TimeRange {
  readonly kind: AbsenceKind;
}

export interface AbsenceContext {
  readonly pauses: readonly OpenStretch[];
  readonly gaps: readonly OpenStretch[];
  /** Nothing is missing before the first result or after the last moment that could have one. */
  readonly known: TimeRange;
}

/**
 * The stretches of `known` for which no result speaks, each with its reason. `rows` in time order. Less than half a
 * bucket or than 1.5 seconds is no absence: a probe may come that late.
 */
export function absencesIn(rows: readonly TimelineRow[], { pauses, gaps, known }: AbsenceContext): readonly Absence[] {
  const holes: TimeRange[] = [];
  let spokenFor = known.from;
  for (const row of rows) {
    if (endOf(row) <= known.from || row.at >= known.to) continue;
    // Nothing but probes that this server failed to send.
    if (row.coveredMillis <= 0) continue;
    const toleranceMillis = Math.max(1500, row.lengthMillis / 2);
    if (row.at - spokenFor > toleranceMillis) holes.push({ from: spokenFor, to: row.at });
    const covered = Math.min(row.coveredMillis, row.lengthMillis);
    // Where in a bucket its results were is not known: they count from its start, and a bucket half full is drawn full.
    const isMostlyCovered = row.lengthMillis - covered <= toleranceMillis;
    const until = isMostlyCovered ? endOf(row) : row.at + covered;
    spokenFor = Math.max(spokenFor, until);
  }
  const toleranceMillis = Math.max(1500, (rows.at(-1)?.lengthMillis ?? 0) / 2);
  if (known.to - spokenFor > toleranceMillis) holes.push({ from: spokenFor, to: known.to });
  return holes.flatMap((hole) => explain(hole, pauses, gaps));
}

/** Cuts a hole along the pauses and gaps that it meets; the rest is our own downtime. */
function explain(hole: TimeRange, pauses: readonly OpenStretch[], gaps: readonly OpenStretch[]): readonly Absence[] {
  const reasons = [
    ...pauses.map((stretch) => ({ ...stretch, kind: 'pause' as const })),
    ...gaps.map((stretch) => ({ ...stretch, kind: 'gap' as const })),
  ]
    .map(({ from, to, kind }) => ({ kind, from: Math.max(from, hole.from), to: Math.min(to ?? hole.to, hole.to) }))
    .filter(({ from, to }) => from < to)
    .toSorted((a, b) => a.from - b.from);
  const found: Absence[] = [];
  let from = hole.from;
  for (const reason of reasons) {
    if (reason.to <= from) continue;
    // The last results before a pause speak for a little less than up to it.
    const isBeside = reason.from - from <= 1500;
    if (!isBeside) found.push({ kind: 'absent', from, to: reason.from });
    found.push({ kind: reason.kind, from: isBeside ? from : reason.from, to: reason.to });
    from = reason.to;
  }
  if (from < hole.to && (hole.to - from > 1500 || found.length === 0))
    found.push({ kind: 'absent', from, to: hole.to });
  return found;
}

/** The row that speaks for a moment; rows in time order. */
export function rowAt(rows: readonly TimelineRow[], at: number): TimelineRow | undefined {
  let [low, high] = [0, rows.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row === undefined) return undefined;
    if (at < row.at) high = middle - 1;
    else low = middle + 1;
  }
  const row = rows[high];
  return row !== undefined && at < endOf(row) ? row : undefined;
}

/** The rows that reach into a range; rows in time order. */
export function rowsWithin(rows: readonly TimelineRow[], { from, to }: TimeRange): readonly TimelineRow[] {
  return rows.slice(firstEnding(rows, from), firstStarting(rows, to));
}

function firstEnding(rows: readonly TimelineRow[], after: number): number {
  return firstIndex(rows, (row) => endOf(row) > after);
}

function firstStarting(rows: readonly TimelineRow[], at: number): number {
  return firstIndex(rows, (row) => row.at >= at);
}

function firstIndex(rows: readonly TimelineRow[], holds: (row: TimelineRow) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && holds(row)) high = middle;
    else low = middle + 1;
  }
  return low;
}
