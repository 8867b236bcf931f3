import type { EpochMillis } from '../ids.ts';
import { hopKeyOfTtl } from '../path/path.ts';
import { outcomeCodes } from '../result/probe-result.ts';
import type { Series } from '../result/series.ts';
import { DenseSketch, type Sketch } from './sketch.ts';
import { smoothJitter } from '../result/statistics.ts';
import { floorTo } from './time-buckets.ts';

/**
 * The aggregate of all results in one time bucket. Merging neighbours in time order gives exactly the rollup of their union
 * (percentiles: the same sketch), because the jitter filter is linear and both ends of the bucket are known.
 */
export interface Rollup {
  readonly startAt: EpochMillis;
  /** Replies and losses. */
  readonly sent: number;
  readonly lost: number;
  readonly notSent: number;
  readonly rttSumMicros: number;
  readonly rttSumSquares: number;
  /** 0 without replies, like `max`, `first` and `last`. */
  readonly rttMinMicros: number;
  readonly rttMaxMicros: number;
  readonly rttFirstMicros: number;
  readonly rttLastMicros: number;
  /** Sum of the absolute differences between neighbouring replies; there is one difference fewer than replies. */
  readonly ipdvSumMicros: number;
  /** The filter of RFC 3550 §6.4.1 applied to the differences within the bucket, starting from 0. */
  readonly jitterMicros: number;
  /** How many replies came over how many hops, ascending by hops; hops are keys of `hopKeyOfTtl`. */
  readonly hops: readonly HopCount[];
  /** Also a key: that of the last reply whose hops are known. */
  readonly hopsLast: number | undefined;
  /**
   * The time that the results are valid for: each for its interval, but at most until the next result of any outcome. The whole
   * stretch counts for the bucket that holds the result, so a window limits its sum to its own length. Probes that we failed to
   * send cover nothing.
   */
  readonly coveredMillis: number;
  readonly sketch: Sketch;
}

export interface HopCount {
  readonly hops: number;
  readonly count: number;
}

const hopKeys = Uint8Array.from({ length: 256 }, (_, ttl) => hopKeyOfTtl(ttl) ?? 0);
const filterDecay = 15 / 16;

/** A rollup under construction; reused from bucket to bucket because its histogram is large. */
export class RollupAccumulator {
  sent = 0;
  lost = 0;
  notSent = 0;
  rttSumMicros = 0;
  rttSumSquares = 0;
  rttMinMicros = 0;
  rttMaxMicros = 0;
  rttFirstMicros = 0;
  rttLastMicros = 0;
  ipdvSumMicros = 0;
  jitterMicros = 0;
  hopsLast: number | undefined = undefined;
  coveredMillis = 0;
  readonly sketch = new DenseSketch();
  readonly #hopCounts = new Float64Array(256);
  #hopsMin = 256;
  #hopsMax = -1;
  readonly #keepsSketch: boolean;

  /** Without a sketch when exact percentiles are computed from the results themselves. */
  constructor(keepsSketch = true) {
    this.#keepsSketch = keepsSketch;
  }

  get replies(): number {
    return this.sent - this.lost;
  }

  get isEmpty(): boolean {
    return this.sent === 0 && this.notSent === 0;
  }

  clear(): void {
    this.sent = this.lost = this.notSent = 0;
    this.rttSumMicros = this.rttSumSquares = this.ipdvSumMicros = this.jitterMicros = 0;
    this.rttMinMicros = this.rttMaxMicros = this.rttFirstMicros = this.rttLastMicros = 0;
    this.hopsLast = undefined;
    this.coveredMillis = 0;
    this.sketch.clear();
    if (this.#hopsMax >= 0) this.#hopCounts.fill(0, this.#hopsMin, this.#hopsMax + 1);
    this.#hopsMin = 256;
    this.#hopsMax = -1;
  }

  #addHops(hops: number, count: number): void {
    this.#hopCounts[hops] = (this.#hopCounts[hops] ?? 0) + count;
    if (hops < this.#hopsMin) this.#hopsMin = hops;
    if (hops > this.#hopsMax) this.#hopsMax = hops;
  }

  /** Rows `start` to `end` of a series in time order. `coverUntil` limits how long the series' last row is valid for. */
  addRows(series: Series, start: number, end: number, coverUntil = Number.POSITIVE_INFINITY): void {
    const { outcomes, sentAtMillis, intervalMillis, rttMicros, details } = series;
    for (let index = start; index < end; index++) {
      const outcome = outcomes[index];
      if (outcome === outcomeCodes['not-sent']) {
        this.notSent++;
        continue;
      }
      const sentAt = sentAtMillis[index] ?? 0;
      const next = index + 1 < series.length ? (sentAtMillis[index + 1] ?? 0) : coverUntil;
      this.coveredMillis += Math.max(0, Math.min(intervalMillis[index] ?? 0, next - sentAt));
      if (outcome === outcomeCodes.reply) this.#addReply(rttMicros[index] ?? 0, details[index] ?? 0);
      else this.lost++;
      this.sent++;
    }
  }

  /** Round trips of replies in time order, without their TTLs. */
  addReplies(rttsMicros: readonly number[]): void {
    for (const rtt of rttsMicros) {
      this.#addReply(rtt, 0);
      this.sent++;
    }
  }

  #addReply(rtt: number, ttl: number): void {
    if (this.replies === 0) {
      this.rttMinMicros = this.rttMaxMicros = this.rttFirstMicros = rtt;
    } else {
      this.#joinJitter(rtt);
      if (rtt < this.rttMinMicros) this.rttMinMicros = rtt;
      if (rtt > this.rttMaxMicros) this.rttMaxMicros = rtt;
    }
    this.rttLastMicros = rtt;
    this.rttSumMicros += rtt;
    this.rttSumSquares += rtt * rtt;
    if (this.#keepsSketch) this.sketch.add(rtt);
    if (ttl === 0 || ttl > 255) return;
    this.hopsLast = hopKeys[ttl] ?? 0;
    this.#addHops(this.hopsLast, 1);
  }

  /** Merges a rollup that follows in time. */
  add(next: Rollup): void {
    this.#addCounts(next);
    for (const { hops, count } of next.hops) this.#addHops(hops, count);
    if (this.#keepsSketch) this.sketch.addSketch(next.sketch);
  }

  addAccumulator(next: RollupAccumulator): void {
    this.#addCounts(next);
    for (let hops = next.#hopsMin; hops <= next.#hopsMax; hops++) this.#addHops(hops, next.#hopCounts[hops] ?? 0);
    if (this.#keepsSketch) this.sketch.addDense(next.sketch);
  }

  #addCounts(next: Omit<Rollup, 'startAt' | 'hops' | 'sketch'>): void {
    const nextReplies = next.sent - next.lost;
    if (nextReplies > 0) this.#addReplies(next, nextReplies);
    this.sent += next.sent;
    this.lost += next.lost;
    this.notSent += next.notSent;
    this.coveredMillis += next.coveredMillis;
    if (next.hopsLast !== undefined) this.hopsLast = next.hopsLast;
  }

  #addReplies(next: Omit<Rollup, 'startAt' | 'hops' | 'sketch'>, nextReplies: number): void {
    if (this.replies === 0) {
      this.rttMinMicros = next.rttMinMicros;
      this.rttMaxMicros = next.rttMaxMicros;
      this.rttFirstMicros = next.rttFirstMicros;
      this.jitterMicros = next.jitterMicros;
    } else {
      this.#joinJitter(next.rttFirstMicros);
      this.jitterMicros = this.jitterMicros * filterDecay ** (nextReplies - 1) + next.jitterMicros;
      this.rttMinMicros = Math.min(this.rttMinMicros, next.rttMinMicros);
      this.rttMaxMicros = Math.max(this.rttMaxMicros, next.rttMaxMicros);
    }
    this.ipdvSumMicros += next.ipdvSumMicros;
    this.rttLastMicros = next.rttLastMicros;
    this.rttSumMicros += next.rttSumMicros;
    this.rttSumSquares += next.rttSumSquares;
  }

  #joinJitter(nextRtt: number): void {
    const difference = Math.abs(nextRtt - this.rttLastMicros);
    this.ipdvSumMicros += difference;
    this.jitterMicros = smoothJitter(this.jitterMicros, difference);
  }

  hopCounts(): readonly HopCount[] {
    const counts: HopCount[] = [];
    for (let hops = this.#hopsMin; hops <= this.#hopsMax; hops++) {
      const count = this.#hopCounts[hops] ?? 0;
      if (count > 0) counts.push({ hops, count });
    }
    return counts;
  }

  toRollup(startAt: EpochMillis): Rollup {
    const { sent, lost, notSent, rttSumMicros, rttSumSquares, rttMinMicros, rttMaxMicros } = this;
    const { rttFirstMicros, rttLastMicros, ipdvSumMicros, jitterMicros, hopsLast, coveredMillis } = this;
    return {
      ...{ startAt, sent, lost, notSent, rttSumMicros, rttSumSquares, rttMinMicros, rttMaxMicros },
      ...{ rttFirstMicros, rttLastMicros, ipdvSumMicros, jitterMicros, hopsLast, coveredMillis },
      hops: this.hopCounts(),
      sketch: this.sketch.toSketch(),
    };
  }
}

// A histogram is large and most buckets are small, so the two functions below clear and reuse one.
const scratch = new RollupAccumulator();

/** One rollup for each UTC multiple of `bucketMillis` that contains results of a series in time order. */
export function rollupSeries(series: Series, bucketMillis: number): Rollup[] {
  const rollups: Rollup[] = [];
  for (let start = 0; start < series.length;) {
    const startAt = floorTo(series.sentAtMillis[start] ?? 0, bucketMillis);
    let end = start + 1;
    while (end < series.length && (series.sentAtMillis[end] ?? 0) < startAt + bucketMillis) end++;
    scratch.clear();
    scratch.addRows(series, start, end);
    rollups.push(scratch.toRollup(startAt));
    start = end;
  }
  return rollups;
}

/** Merges rollups in time order into one that begins at `startAt`. */
export function mergeRollups(rollups: Iterable<Rollup>, startAt: EpochMillis): Rollup {
  scratch.clear();
  for (const rollup of rollups) scratch.add(rollup);
  return scratch.toRollup(startAt);
}

/** Merges rollups in time order into one for each UTC multiple of `bucketMillis` that contains any. */
export function mergeNeighbours(rollups: readonly Rollup[], bucketMillis: number): Rollup[] {
  const merged: Rollup[] = [];
  for (let start = 0; start < rollups.length;) {
    const startAt = floorTo(rollups[start]?.startAt ?? 0, bucketMillis);
    let end = start + 1;
    while (end < rollups.length && (rollups[end]?.startAt ?? 0) < startAt + bucketMillis) end++;
    merged.push(mergeRollups(rollups.slice(start, end), startAt));
    start = end;
  }
  return merged;
}
