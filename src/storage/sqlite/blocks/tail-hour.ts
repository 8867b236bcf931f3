import type { EpochMillis } from '../../../core/ids.ts';
import { outcomeCodes } from '../../../core/result/probe-result.ts';
import { type Rollup, rollupSeries } from '../../../core/history/rollup.ts';
import { decodeRollups, encodeRollups } from '../../../core/history/rollup-codec.ts';
import { decodeSeries, encodeSeries } from '../../../core/result/series-codec.ts';
import {
  concatSeries,
  createSeries,
  lowerBound,
  type Series,
  sliceSeries,
  sortSeries,
} from '../../../core/result/series.ts';
import { floorTo, minuteMillis } from '../../../core/history/time-buckets.ts';
import { ByteLog } from './byte-log.ts';
import { uncompressed, zstd } from '../../series/compression.ts';

// A few minutes at 1 Hz: below this, packing costs more than it saves.
const pendingWorthPacking = 240;
// Chunks live for an hour at most: starting zstd for a short one would cost more than everything else about packing it.
const rowsWorthCompressing = 2000;
// Replies overtake timeouts: rows this close to the newest may still get neighbours before them.
const holdBackMillis = 5_000;
const startCapacity = 16;
const chunksWorthJoining = 4;

/**
 * A row that waits for packing is four words side by side, because the rows of a commit are scattered over all series and each
 * separate column would be a cache miss: milliseconds since the hour, RTT, interval, outcome × 65,536 + detail.
 */
const rowWords = 4;

let scratch = createSeries(512);

export interface LastSent {
  readonly sentAt: EpochMillis;
  /** Of a reply. */
  readonly rttMicros: number;
  readonly outcome: number;
  readonly detail: number;
}

/**
 * The results of one series in one hour that are not in a raw block yet, in memory: the newest as they came, older minutes
 * packed, along with the rollups of the packed minutes.
 */
export class TailHour {
  readonly hourAt: EpochMillis;
  #pending = new Uint32Array(startCapacity * rowWords);
  #pendingCount = 0;
  #pushed = 0;
  #pendingFrom = Number.POSITIVE_INFINITY;
  #newest = 0;
  /** Everything before it is packed and rolled up; later rows for that time are late. */
  #packedUntil: EpochMillis = 0;
  #packings = 0;
  #chunks: ByteLog | undefined;
  #chunkMinutes: ByteLog | undefined;
  /** How many of the pieces of `#chunkMinutes` are joined ones. */
  #joinedMinutes = 0;

  constructor(hourAt: EpochMillis) {
    this.hourAt = hourAt;
  }

  /** Rows ever pushed, including duplicates. */
  get pushed(): number {
    return this.#pushed;
  }

  /** The latest time pushed. */
  get newest(): EpochMillis {
    return this.#newest;
  }

  push(from: Series, index: number): void {
    this.#pushed++;
    this.#hold(from, index);
  }

  #hold({ sentAtMillis, rttMicros, intervalMillis, outcomes, details }: Series, index: number): void {
    const at = this.#pendingCount++ * rowWords;
    if (at === this.#pending.length) this.#growTo(2 * at);
    const words = this.#pending;
    const sentAt = sentAtMillis[index] ?? 0;
    words[at] = sentAt - this.hourAt;
    words[at + 1] = rttMicros[index] ?? 0;
    words[at + 2] = intervalMillis[index] ?? 0;
    words[at + 3] = ((outcomes[index] ?? 0) << 16) | (details[index] ?? 0);
    if (sentAt < this.#pendingFrom) this.#pendingFrom = sentAt;
    if (sentAt > this.#newest) this.#newest = sentAt;
  }

  #growTo(words: number): void {
    const grown = new Uint32Array(words);
    grown.set(this.#pending);
    this.#pending = grown;
  }

  /** All rows in time order, one per time. */
  rows(): Series {
    const chunks = (this.#chunks?.pieces() ?? []).map((chunk) => decodeSeries(chunk, zstd));
    return sortSeries(concatSeries([...chunks, this.#pendingRows()]));
  }

  /** The last result with from <= sentAt < to that was sent; `undefined` if only all rows can tell. */
  lastSent(from: EpochMillis, to: EpochMillis): LastSent | undefined {
    const words = this.#pending;
    let last = -1;
    // What is packed is older than everything else, unless it came late.
    let lastAt = Math.max(from, this.#packedUntil) - 1;
    for (let at = 0; at < this.#pendingCount * rowWords; at += rowWords) {
      const sentAt = this.hourAt + (words[at] ?? 0);
      const isSent = (words[at + 3] ?? 0) >>> 16 !== outcomeCodes['not-sent'];
      // Of duplicate results the first one counts.
      if (sentAt > lastAt && sentAt < to && isSent) [last, lastAt] = [at, sentAt];
    }
    if (last < 0) return undefined;
    const outcomeAndDetail = words[last + 3] ?? 0;
    return {
      sentAt: lastAt,
      rttMicros: words[last + 1] ?? 0,
      outcome: outcomeAndDetail >>> 16,
      detail: outcomeAndDetail & 0xffff,
    };
  }

  /** The newest rows without a gap, in time order: at least a few seconds, and cheap to get. */
  newestRows(): Series {
    return this.#hasLateRows() ? this.rows() : sortSeries(this.#pendingRows());
  }

  /** Minute rollups of all rows, in two parts: the packed ones, which stay the same for minutes, and the rest. */
  minutes(packedOf: (hour: TailHour) => readonly Rollup[]): readonly [readonly Rollup[], readonly Rollup[]] {
    if (this.#hasLateRows()) return [rollupSeries(this.rows(), minuteMillis), []];
    return [packedOf(this), rollupSeries(sortSeries(this.#pendingRows(this.#scratchFor())), minuteMillis)];
  }

  packedMinutes(): readonly Rollup[] {
    return (this.#chunkMinutes?.pieces() ?? []).flatMap((piece) => decodeRollups(piece, uncompressed));
  }

  /** How often minutes were packed or unpacked: the packed ones are the same as long as this is. */
  get packings(): number {
    return this.#packings;
  }

  get wantsPacking(): boolean {
    if (this.#hasLateRows()) return true;
    if (this.#pendingCount < pendingWorthPacking) return false;
    return this.#pendingFrom < floorTo(this.#newest - holdBackMillis, minuteMillis);
  }

  /** Packs the complete minutes. */
  pack(): void {
    if (this.#hasLateRows()) this.#unpack();
    const until = floorTo(this.#newest - holdBackMillis, minuteMillis);
    const pending = sortSeries(this.#pendingRows());
    const split = lowerBound(pending, until);
    if (split === 0) return;
    const complete = sliceSeries(pending, 0, split);
    this.#chunks ??= new ByteLog();
    this.#chunkMinutes ??= new ByteLog();
    this.#chunks.add(encodeSeries(complete, split < rowsWorthCompressing ? uncompressed : zstd));
    this.#chunkMinutes.add(encodeRollups(rollupSeries(complete, minuteMillis), uncompressed));
    this.#joinMinutes(this.#chunkMinutes);
    this.#packedUntil = until;
    this.#packings++;
    this.#keepPending(sliceSeries(pending, split, pending.length));
  }

  /** Columns for rows that nobody keeps: the fleet requests those of every target again and again. */
  #scratchFor(): Series {
    const capacity = scratch.sentAtMillis.length;
    if (this.#pendingCount > capacity) scratch = createSeries(2 * this.#pendingCount);
    return { ...scratch, length: this.#pendingCount };
  }

  #pendingRows(series = createSeries(this.#pendingCount)): Series {
    const words = this.#pending;
    for (let index = 0, at = 0; index < this.#pendingCount; index++, at += rowWords) {
      const outcomeAndDetail = words[at + 3] ?? 0;
      series.sentAtMillis[index] = this.hourAt + (words[at] ?? 0);
      series.rttMicros[index] = words[at + 1] ?? 0;
      series.intervalMillis[index] = words[at + 2] ?? 0;
      series.outcomes[index] = outcomeAndDetail >>> 16;
      series.details[index] = outcomeAndDetail;
    }
    return series;
  }

  #hasLateRows(): boolean {
    return this.#pendingFrom < this.#packedUntil;
  }

  #keepPending(rest: Series): void {
    const capacity = 2 ** Math.ceil(Math.log2(rest.length + pendingWorthPacking)) * rowWords;
    if (this.#pending.length > 2 * capacity || this.#pending.length < rest.length * rowWords) {
      this.#pending = new Uint32Array(capacity);
    }
    this.#pendingCount = 0;
    this.#pendingFrom = Number.POSITIVE_INFINITY;
    for (let index = 0; index < rest.length; index++) this.#hold(rest, index);
  }

  /** The fleet is read every few seconds, and starting a piece costs more than reading the minutes in it. */
  #joinMinutes(log: ByteLog): void {
    if (log.count - this.#joinedMinutes < chunksWorthJoining) return;
    const minutes = log.pieces().slice(this.#joinedMinutes);
    const joined = encodeRollups(
      minutes.flatMap((piece) => decodeRollups(piece, uncompressed)),
      uncompressed,
    );
    log.truncate(this.#joinedMinutes++);
    log.add(joined);
  }

  #unpack(): void {
    const rows = this.rows();
    this.#chunks = undefined;
    this.#chunkMinutes = undefined;
    this.#packedUntil = this.#joinedMinutes = 0;
    this.#packings++;
    this.#keepPending(rows);
  }
}
