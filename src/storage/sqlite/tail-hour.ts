import type { EpochMillis } from '../../core/ids.ts';
import { noCompression } from '../../core/packed-block.ts';
import { type Rollup, rollupSeries } from '../../core/rollup.ts';
import { decodeRollups, encodeRollups } from '../../core/rollup-codec.ts';
import { decodeSeries, encodeSeries } from '../../core/series-codec.ts';
import {
  concatSeries,
  copyRow,
  createSeries,
  lowerBound,
  type Series,
  sliceSeries,
  sortSeries,
} from '../../core/series.ts';
import { floorTo, minuteMillis } from '../../core/time-buckets.ts';
import { zstd } from './compression.ts';

// Enough for a minute at 1 Hz with some to spare; below it packing costs more than it saves.
const pendingWorthPacking = 64;
// Replies overtake timeouts: rows this close to the newest may still get neighbours before them.
const holdBackMillis = 5_000;
const chunksMax = 8;
const recentMinutesMax = 6;
const startCapacity = 16;

/**
 * The results of one series in one hour that are not in a raw block yet, in memory: the newest as columns, older
 * minutes packed, with the rollups of the packed minutes beside them.
 */
export class TailHour {
  readonly hourAt: EpochMillis;
  #pending = createSeries(startCapacity);
  #pendingCount = 0;
  #pushed = 0;
  #pendingFrom = Number.POSITIVE_INFINITY;
  #newest = 0;
  /** Everything before it is packed and rolled up; rows that come for it later are late. */
  #packedUntil: EpochMillis = 0;
  #chunks: Uint8Array[] = [];
  /** How many of the chunks are large ones, joined from `chunksMax` small ones. */
  #joinedChunks = 0;
  #packedMinutes: Uint8Array | undefined;
  #recentMinutes: Rollup[] = [];

  constructor(hourAt: EpochMillis) {
    this.hourAt = hourAt;
  }

  /** Rows ever pushed, those that came twice included. */
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

  #hold(from: Series, index: number): void {
    if (this.#pendingCount === this.#pending.sentAtMillis.length) this.#grow();
    copyRow(from, index, this.#pending, this.#pendingCount++);
    const sentAt = from.sentAtMillis[index] ?? 0;
    if (sentAt < this.#pendingFrom) this.#pendingFrom = sentAt;
    if (sentAt > this.#newest) this.#newest = sentAt;
  }

  #grow(): void {
    const grown = createSeries(this.#pendingCount * 2);
    for (let index = 0; index < this.#pendingCount; index++) copyRow(this.#pending, index, grown, index);
    this.#pending = grown;
  }

  /** All rows in time order, one for each time. */
  rows(): Series {
    const chunks = this.#chunks.map((chunk) => decodeSeries(chunk, zstd));
    return sortSeries(concatSeries([...chunks, this.#pendingRows()]));
  }

  /** The newest rows without a gap, in time order: some seconds at least, and cheap to get. */
  newestRows(): Series {
    return this.#hasLateRows() ? this.rows() : sortSeries(this.#pendingRows());
  }

  /** Minute rollups of all rows. */
  minutes(): readonly Rollup[] {
    if (this.#hasLateRows()) return rollupSeries(this.rows(), minuteMillis);
    const packed = this.#packedMinutes === undefined ? [] : decodeRollups(this.#packedMinutes, noCompression);
    const pending = rollupSeries(sortSeries(this.#pendingRows()), minuteMillis);
    return [...packed, ...this.#recentMinutes, ...pending];
  }

  get wantsPacking(): boolean {
    if (this.#hasLateRows()) return true;
    if (this.#pendingCount < pendingWorthPacking) return false;
    return this.#pendingFrom < floorTo(this.#newest - holdBackMillis, minuteMillis);
  }

  /** Packs the minutes that are complete. */
  pack(): void {
    if (this.#hasLateRows()) this.#unpack();
    const until = floorTo(this.#newest - holdBackMillis, minuteMillis);
    const pending = sortSeries(this.#pendingRows());
    const split = lowerBound(pending, until);
    if (split === 0) return;
    const complete = sliceSeries(pending, 0, split);
    this.#chunks.push(encodeSeries(complete, split > pendingWorthPacking * chunksMax ? zstd : noCompression));
    this.#packedUntil = until;
    this.#recentMinutes.push(...rollupSeries(complete, minuteMillis));
    this.#keepPending(sliceSeries(pending, split, pending.length));
    this.#joinChunks();
    this.#packMinutes();
  }

  #pendingRows(): Series {
    return sliceSeries(this.#pending, 0, this.#pendingCount);
  }

  #hasLateRows(): boolean {
    return this.#pendingFrom < this.#packedUntil;
  }

  #keepPending(rest: Series): void {
    // The rest is copied towards the start of the columns that it stands in: new ones only when these became too large.
    const capacity = Math.max(startCapacity, 2 ** Math.ceil(Math.log2(rest.length + pendingWorthPacking)));
    if (this.#pending.sentAtMillis.length > 2 * capacity) this.#pending = createSeries(capacity);
    this.#pendingCount = 0;
    this.#pendingFrom = Number.POSITIVE_INFINITY;
    for (let index = 0; index < rest.length; index++) this.#hold(rest, index);
  }

  #unpack(): void {
    const rows = this.rows();
    this.#chunks = [];
    this.#joinedChunks = this.#packedUntil = 0;
    this.#packedMinutes = undefined;
    this.#recentMinutes = [];
    this.#keepPending(rows);
  }

  #joinChunks(): void {
    if (this.#chunks.length - this.#joinedChunks < chunksMax) return;
    const small = this.#chunks.splice(this.#joinedChunks).map((chunk) => decodeSeries(chunk, zstd));
    this.#chunks.push(encodeSeries(concatSeries(small), zstd));
    this.#joinedChunks++;
  }

  #packMinutes(): void {
    if (this.#recentMinutes.length < recentMinutesMax) return;
    const packed = this.#packedMinutes === undefined ? [] : decodeRollups(this.#packedMinutes, noCompression);
    this.#packedMinutes = encodeRollups([...packed, ...this.#recentMinutes], noCompression);
    this.#recentMinutes = [];
  }
}
