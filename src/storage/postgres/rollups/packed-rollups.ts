import { writeVarint } from '../../../core/bytes/bytes.ts';
import type { EpochMillis, TargetId } from '../../../core/ids.ts';
import { hopKeyOfTtl } from '../../../core/path/path.ts';
import type { HopCount, Rollup } from '../../../core/history/rollup.ts';
import { emptySketch, type Sketch } from '../../../core/history/sketch.ts';

/**
 * Rollups cross the wire as binary records in one value: thousands of rows with histograms as text, each parsed by the driver
 * into arrays of strings, took five times as long.
 */
export const figures = `sent, lost, not_sent, rtt_sum_micros, rtt_sum_squares, rtt_min_micros, rtt_max_micros,
  rtt_first_micros, rtt_last_micros, ipdv_sum_micros, jitter_micros, covered_millis, reply_ttls, reply_ttl_last, sketch`;

/** One column `rows` of the rollups that a subselect returns: target_id, start_at and the figures. */
export function packedRollups(subselect: string): string {
  // Not ordered: the server would move whole records for it, at a quarter of the query's time.
  return `select string_agg(record_send(rollup), '') as rows from (${subselect}) as rollup`;
}

export interface TargetRollup {
  readonly targetId: TargetId;
  readonly rollup: Rollup;
}

// PostgreSQL counts time from 2000 on, in microseconds.
const postgresEpochMillis: EpochMillis = Date.UTC(2000, 0);
const nullLength = -1;
const noHops: readonly HopCount[] = [];

/** By target, then start. */
export function unpackRollups(bytes: Uint8Array): readonly TargetRollup[] {
  const reader = new RecordReader(bytes);
  const rollups: TargetRollup[] = [];
  while (reader.hasMore) rollups.push(readRollup(reader));
  return rollups.sort((a, b) => a.targetId - b.targetId || a.rollup.startAt - b.rollup.startAt);
}

function readRollup(reader: RecordReader): TargetRollup {
  reader.beginRecord();
  const targetId = reader.integer() as TargetId;
  const startAt = Math.round(reader.integer() / 1000) + postgresEpochMillis;
  const [sent, lost, notSent] = [reader.integer(), reader.integer(), reader.integer()];
  const [rttSumMicros, rttSumSquares] = [reader.integer(), reader.float()];
  const [rttMinMicros, rttMaxMicros] = [reader.integer(), reader.integer()];
  const [rttFirstMicros, rttLastMicros] = [reader.integer(), reader.integer()];
  const [ipdvSumMicros, jitterMicros, coveredMillis] = [reader.integer(), reader.float(), reader.integer()];
  const hops = reader.hops();
  const hopsLast = hopKeyOfTtl(reader.integer());
  const sketch = reader.sketch();
  const counts = { startAt, sent, lost, notSent, coveredMillis, hops, hopsLast };
  const roundTrips = { rttSumMicros, rttSumSquares, rttMinMicros, rttMaxMicros, rttFirstMicros, rttLastMicros };
  return { targetId, rollup: { ...counts, ...roundTrips, ipdvSumMicros, jitterMicros, sketch } };
}

/** Fields of binary records in turn; null numbers are 0. */
class RecordReader {
  readonly #view: DataView;
  /** All sketches one after the other: an array for each would cost more than reading it. */
  readonly #sketches: Uint8Array;
  #sketchesEnd = 0;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // An entry of 12 bytes becomes two varints of 7 at most.
    this.#sketches = new Uint8Array(Math.ceil((bytes.byteLength * 7) / 12));
  }

  get hasMore(): boolean {
    return this.#at < this.#view.byteLength;
  }

  beginRecord(): void {
    this.#at += 4;
  }

  /** Past the type of a field and its length. */
  #begin(): number {
    const length = this.#view.getInt32(this.#at + 4);
    this.#at += 8;
    return length;
  }

  integer(): number {
    const length = this.#begin();
    if (length === nullLength) return 0;
    const at = this.#at;
    this.#at += length;
    if (length === 4) return this.#view.getInt32(at);
    if (length === 2) return this.#view.getInt16(at);
    return this.#view.getInt32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  float(): number {
    const length = this.#begin();
    if (length === nullLength) return 0;
    this.#at += length;
    return this.#view.getFloat64(this.#at - length);
  }

  /** How many entries of value (upper 32 bits) and count (lower 32 bits) follow, 12 bytes each from their length on. */
  #beginHistogram(): number {
    const length = this.#begin();
    if (length === nullLength) return 0;
    const dimensions = this.#view.getInt32(this.#at);
    const entries = dimensions === 0 ? 0 : this.#view.getInt32(this.#at + 12);
    this.#at += dimensions === 0 ? 12 : 20;
    return entries;
  }

  sketch(): Sketch {
    const entries = this.#beginHistogram();
    if (entries === 0) return emptySketch;
    const [view, sketches, start] = [this.#view, this.#sketches, this.#sketchesEnd];
    let [end, previous] = [start, -1];
    for (let entry = 0; entry < entries; entry++, this.#at += 12) {
      const bucket = view.getUint32(this.#at + 4);
      end = writeVarint(sketches, end, bucket - previous - 1);
      end = writeVarint(sketches, end, view.getUint32(this.#at + 8));
      previous = bucket;
    }
    this.#sketchesEnd = end;
    return sketches.subarray(start, end);
  }

  /** Replies by TTL: the hops follow from it, and several TTLs may mean the same hops. */
  hops(): readonly HopCount[] {
    const entries = this.#beginHistogram();
    if (entries === 0) return noHops;
    const counts = new Map<number, number>();
    for (let left = entries; left > 0; left--, this.#at += 12) {
      const hops = hopKeyOfTtl(this.#view.getUint32(this.#at + 4)) ?? 0;
      counts.set(hops, (counts.get(hops) ?? 0) + this.#view.getUint32(this.#at + 8));
    }
    const found = Array.from(counts, ([hops, count]) => ({ hops, count }));
    return found.length > 1 ? found.toSorted((a, b) => a.hops - b.hops) : found;
  }
}
