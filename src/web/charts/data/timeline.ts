import type { TimelineColumns } from '../../../contract/history/insights.ts';
import type { TimeRange } from '../axis/time-steps.ts';

/** One bucket of a timeline. Latencies are milliseconds; null without a reply. */
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
  /** 0..1; null if nothing was sent. */
  readonly loss: number | null;
  readonly sampleCount: number;
  readonly notSentCount: number;
  /** How long the bucket's results are valid for; more than its length if probes are rarer. */
  readonly coveredMillis: number;
}

type Figure = keyof TimelineRow;

/** Buckets in time order, one array per figure; NaN stands for null. Their lengths may differ. */
export type Timeline = Readonly<Record<Figure, Float64Array>> & { readonly length: number };

export function timelineOf(columns: TimelineColumns, bucketSeconds: number): Timeline {
  const { length } = columns.bucket;
  // Ten times as fast as Float64Array.from, which iterates.
  const numbers = (values: readonly (number | null)[], unit = 1): Float64Array => {
    const column = new Float64Array(length);
    for (let index = 0; index < length; index++) column[index] = (values[index] ?? Number.NaN) * unit;
    return column;
  };
  return {
    length,
    at: numbers(columns.bucket, 1000),
    lengthMillis: new Float64Array(length).fill(bucketSeconds * 1000),
    avg: numbers(columns.avg_latency_ms),
    min: numbers(columns.min_latency_ms),
    max: numbers(columns.max_latency_ms),
    p10: numbers(columns.p10_latency_ms),
    p50: numbers(columns.p50_latency_ms),
    p90: numbers(columns.p90_latency_ms),
    loss: numbers(columns.loss_rate),
    sampleCount: numbers(columns.sample_count),
    notSentCount: numbers(columns.not_sent_count),
    coveredMillis: numbers(columns.covered_seconds, 1000),
  };
}

export function timelineOfRows(rows: readonly TimelineRow[]): Timeline {
  return eachFigure(rows.length, (figure) => Float64Array.from(rows, (row) => row[figure] ?? Number.NaN));
}

export const emptyTimeline: Timeline = timelineOfRows([]);

const figureCount = Object.keys(emptyTimeline).length - 1;

/** One after the other. */
export function joined(timelines: readonly Timeline[]): Timeline {
  const full = timelines.filter(({ length }) => length > 0);
  const [first = emptyTimeline] = full;
  if (full.length <= 1) return first;
  const length = full.reduce((sum, each) => sum + each.length, 0);
  // One allocation for all columns: a frame must not wait for twelve.
  const memory = new ArrayBuffer(figureCount * length * Float64Array.BYTES_PER_ELEMENT);
  let used = 0;
  return eachFigure(length, (figure) => {
    const column = new Float64Array(memory, used, length);
    used += column.byteLength;
    let at = 0;
    for (const each of full) {
      column.set(each[figure], at);
      at += each.length;
    }
    return column;
  });
}

/** The same at other times. */
export function shifted(timeline: Timeline, millis: number): Timeline {
  return millis === 0 ? timeline : { ...timeline, at: timeline.at.map((at) => at + millis) };
}

export function rowsOf(timeline: Timeline): readonly TimelineRow[] {
  return Array.from(timeline.at, (_, index) => rowOf(timeline, index));
}

/** NaN beyond the end. */
export function valueAt(column: Float64Array, index: number): number {
  return column[index] ?? Number.NaN;
}

function rowOf(timeline: Timeline, index: number): TimelineRow {
  const number = (figure: Figure): number => valueAt(timeline[figure], index);
  const orNull = (figure: Figure): number | null => (Number.isNaN(number(figure)) ? null : number(figure));
  return {
    at: number('at'),
    lengthMillis: number('lengthMillis'),
    avg: orNull('avg'),
    min: orNull('min'),
    max: orNull('max'),
    p10: orNull('p10'),
    p50: orNull('p50'),
    p90: orNull('p90'),
    loss: orNull('loss'),
    sampleCount: number('sampleCount'),
    notSentCount: number('notSentCount'),
    coveredMillis: number('coveredMillis'),
  };
}

function eachFigure(length: number, columnOf: (figure: Figure) => Float64Array): Timeline {
  return {
    length,
    at: columnOf('at'),
    lengthMillis: columnOf('lengthMillis'),
    avg: columnOf('avg'),
    min: columnOf('min'),
    max: columnOf('max'),
    p10: columnOf('p10'),
    p50: columnOf('p50'),
    p90: columnOf('p90'),
    loss: columnOf('loss'),
    sampleCount: columnOf('sampleCount'),
    notSentCount: columnOf('notSentCount'),
    coveredMillis: columnOf('coveredMillis'),
  };
}

/** Until when a bucket is valid: to its end, or longer if probes are rarer than buckets. */
export function endOf({ at, lengthMillis, coveredMillis }: Spans, index: number): number {
  return valueAt(at, index) + Math.max(valueAt(lengthMillis, index), valueAt(coveredMillis, index));
}

type Spans = Pick<Timeline, 'at' | 'lengthMillis' | 'coveredMillis'>;

export interface OpenStretch {
  readonly from: number;
  /** `undefined` while ongoing. */
  readonly to: number | undefined;
}

/**
 * Why there is nothing to draw: paused by a user; a gap (measured, but not stored); absent (this server was not probing, or
 * failed to send).
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
 * The stretches of `known` that no result covers, each with its reason. Less than half a bucket or than 1.5 seconds is not an
 * absence: a probe may come that late.
 */
export function absencesIn(timeline: Timeline, { pauses, gaps, known }: AbsenceContext): readonly Absence[] {
  const holes: TimeRange[] = [];
  let spokenFor = known.from;
  for (let index = 0; index < timeline.length; index++) {
    const at = valueAt(timeline.at, index);
    const end = endOf(timeline, index);
    if (end <= known.from || at >= known.to) continue;
    const coveredMillis = valueAt(timeline.coveredMillis, index);
    const lengthMillis = valueAt(timeline.lengthMillis, index);
    // Nothing but probes that this server failed to send.
    if (coveredMillis <= 0) continue;
    const toleranceMillis = Math.max(1500, lengthMillis / 2);
    if (at - spokenFor > toleranceMillis) holes.push({ from: spokenFor, to: at });
    const covered = Math.min(coveredMillis, lengthMillis);
    // Where in a bucket its results were is unknown: they count from its start, and a half-full bucket is drawn full.
    const isMostlyCovered = lengthMillis - covered <= toleranceMillis;
    spokenFor = Math.max(spokenFor, isMostlyCovered ? end : at + covered);
  }
  const toleranceMillis = Math.max(1500, (timeline.lengthMillis.at(-1) ?? 0) / 2);
  if (known.to - spokenFor > toleranceMillis) holes.push({ from: spokenFor, to: known.to });
  return holes.flatMap((hole) => explain(hole, pauses, gaps));
}

/** Splits a hole along the pauses and gaps that it overlaps; the rest is our own downtime. */
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
    // The last results before a pause are valid until a little before it.
    const isBeside = reason.from - from <= 1500;
    if (!isBeside) found.push({ kind: 'absent', from, to: reason.from });
    found.push({ kind: reason.kind, from: isBeside ? from : reason.from, to: reason.to });
    from = reason.to;
  }
  if (from < hole.to && (hole.to - from > 1500 || found.length === 0))
    found.push({ kind: 'absent', from, to: hole.to });
  return found;
}

/** The bucket that is valid at a moment. */
export function rowAt(timeline: Timeline, moment: number): TimelineRow | undefined {
  const index = firstIndex(timeline.length, (each) => valueAt(timeline.at, each) > moment) - 1;
  return index >= 0 && moment < endOf(timeline, index) ? rowOf(timeline, index) : undefined;
}

/** The buckets that overlap a range. */
export function within(timeline: Timeline, { from, to }: TimeRange): Timeline {
  return part(
    timeline,
    firstIndex(timeline.length, (index) => endOf(timeline, index) > from),
    firstStarting(timeline, to),
  );
}

/** The buckets that begin in a range. */
export function beginningWithin(timeline: Timeline, { from, to }: TimeRange): Timeline {
  return part(timeline, firstStarting(timeline, from), firstStarting(timeline, to));
}

/** In the same memory. */
function part(timeline: Timeline, start: number, end: number): Timeline {
  if (start === 0 && end === timeline.length) return timeline;
  return eachFigure(Math.max(0, end - start), (figure) => timeline[figure].subarray(start, end));
}

function firstStarting({ at, length }: Timeline, moment: number): number {
  return firstIndex(length, (index) => valueAt(at, index) >= moment);
}

/** The first index where it holds; `length` if none. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
