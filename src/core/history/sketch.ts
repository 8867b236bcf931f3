import { ByteReader, ByteWriter, DamagedBytesError } from '../bytes/bytes.ts';

/**
 * A log-linear histogram of round trips in whole microseconds. A value's bucket is given by the top of its float64, the exponent
 * and the first 7 bits of the mantissa, so that SQL and TypeScript agree to the bit. 0 has a bucket of its own, and so does each
 * value below 256; above that, a bucket spans 1/128 of its octave's start.
 */
export const mantissaBits = 7;
const perOctave = 1 << mantissaBits;
const octaves = 32;

/** Buckets of all values from 0 to 2^32 - 1. */
export const bucketCount = octaves * perOctave + 1;

/** Maximum relative error of a percentile: half a bucket, because its middle stands for all its values. */
export const sketchErrorRatio = 1 / (2 * perOctave);

/** As stored: for each used bucket, ascending, the step from the one before and the count, as varints. */
export type Sketch = Uint8Array;

export const emptySketch: Sketch = new Uint8Array(0);

export function bucketOf(rttMicros: number): number {
  if (rttMicros === 0) return 0;
  const exponent = 31 - Math.clz32(rttMicros);
  const mantissa =
    exponent >= mantissaBits ? rttMicros >>> (exponent - mantissaBits) : rttMicros << (mantissaBits - exponent);
  return exponent * perOctave + (mantissa & (perOctave - 1)) + 1;
}

/** The middle of the whole microseconds in a bucket. */
export function bucketMiddleMicros(bucket: number): number {
  if (bucket === 0) return 0;
  const exponent = Math.floor((bucket - 1) / perOctave);
  const width = 2 ** (exponent - mantissaBits);
  const start = (perOctave + ((bucket - 1) % perOctave)) * width;
  return width <= 1 ? start : start + (width - 1) / 2;
}

/** The smallest value in a bucket, not rounded to a whole microsecond. */
export function bucketStartMicros(bucket: number): number {
  if (bucket === 0) return 0;
  const exponent = Math.floor((bucket - 1) / perOctave);
  return (perOctave + ((bucket - 1) % perOctave)) * 2 ** (exponent - mantissaBits);
}

/** A sketch under construction: one counter per possible bucket, cheap to add to, merge into and clear. */
export class DenseSketch {
  readonly #counts = new Float64Array(bucketCount);
  #first = bucketCount;
  #last = -1;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(rttMicros: number): void {
    this.#addToBucket(bucketOf(rttMicros), 1);
  }

  addSketch(sketch: Sketch): void {
    const { length } = sketch;
    const counts = this.#counts;
    let [at, bucket, first, total] = [0, -1, -1, 0];
    // Nearly all steps and counts take one byte or two; reading them in place is many times faster than a reader.
    while (at + 3 < length) {
      let next = at;
      let step = sketch[next++] ?? 0;
      if (step >= 128) step += ((sketch[next++] ?? 0) - 1) << 7;
      let count = sketch[next++] ?? 0;
      if (count >= 128) count += ((sketch[next++] ?? 0) - 1) << 7;
      // A second byte of 128 or more is caught here: the number is longer. So is an impossible bucket.
      if (step >= 1 << 14 || count >= 1 << 14 || bucket + step + 1 >= bucketCount) break;
      bucket += step + 1;
      if (first < 0) first = bucket;
      counts[bucket] = (counts[bucket] ?? 0) + count;
      total += count;
      at = next;
    }
    if (first >= 0) {
      this.#total += total;
      if (first < this.#first) this.#first = first;
      if (bucket > this.#last) this.#last = bucket;
    }
    if (at < length) this.#addRest(sketch, at, bucket);
  }

  #addRest(sketch: Sketch, start: number, previousBucket: number): void {
    const reader = new ByteReader(sketch, start);
    let bucket = previousBucket;
    while (reader.remaining > 0) {
      bucket += reader.varint() + 1;
      this.#addToBucket(bucket, reader.varint());
    }
  }

  addDense(other: DenseSketch): void {
    if (other.#total === 0) return;
    const [into, from] = [this.#counts, other.#counts];
    for (let bucket = other.#first; bucket <= other.#last; bucket++) {
      into[bucket] = (into[bucket] ?? 0) + (from[bucket] ?? 0);
    }
    this.#total += other.#total;
    this.#first = Math.min(this.#first, other.#first);
    this.#last = Math.max(this.#last, other.#last);
  }

  clear(): void {
    if (this.#last >= this.#first) this.#counts.fill(0, this.#first, this.#last + 1);
    this.#first = bucketCount;
    this.#last = -1;
    this.#total = 0;
  }

  /** The used buckets, ascending. */
  *counts(): Generator<readonly [bucket: number, count: number]> {
    for (let bucket = this.#first; bucket <= this.#last; bucket++) {
      const count = this.#counts[bucket] ?? 0;
      if (count > 0) yield [bucket, count];
    }
  }

  toSketch(): Sketch {
    const writer = new ByteWriter(64);
    let previous = -1;
    for (let bucket = this.#first; bucket <= this.#last; bucket++) {
      const count = this.#counts[bucket] ?? 0;
      if (count === 0) continue;
      writer.varint(bucket - previous - 1);
      writer.varint(count);
      previous = bucket;
    }
    return writer.finish();
  }

  /**
   * Percentiles (0..1, ascending) with the rank of `percentilesOf` on the raw results, each within `sketchErrorRatio` and limited
   * to the range of the round trips; `undefined` for an empty sketch.
   */
  percentiles(ratios: readonly number[], min: number, max: number): (number | undefined)[] {
    const counts = { counts: this.#counts, first: this.#first, last: this.#last, total: this.#total };
    return percentilesOfCounts(counts, ratios, min, max);
  }

  #addToBucket(bucket: number, count: number): void {
    if (bucket >= bucketCount) throw new DamagedBytesError(`A sketch names the bucket ${bucket}.`);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    this.#total += count;
    if (bucket < this.#first) this.#first = bucket;
    if (bucket > this.#last) this.#last = bucket;
  }
}

/** Counts at the positions from `first` to `last`; a position is its bucket unless `buckets` says otherwise. */
export interface BucketCounts {
  readonly counts: Float64Array | Uint32Array;
  readonly buckets?: Uint16Array;
  readonly first: number;
  readonly last: number;
  readonly total: number;
}

export function percentilesOfCounts(
  { counts, buckets, first, last, total }: BucketCounts,
  ratios: readonly number[],
  min: number,
  max: number,
): (number | undefined)[] {
  if (total === 0) return ratios.map(() => undefined);
  const valueAt = (position: number): number =>
    Math.min(max, Math.max(min, bucketMiddleMicros(buckets === undefined ? position : (buckets[position] ?? 0))));
  // Plain loops, because this is most of what the view of a large fleet computes.
  const percentiles: number[] = [];
  let position = first;
  let upTo = counts[position] ?? 0;
  for (const ratio of ratios) {
    const rank = ratio * (total - 1);
    const below = Math.floor(rank);
    while (upTo <= below && position < last) upTo += counts[++position] ?? 0;
    const lower = valueAt(position);
    let next = position;
    for (let upToNext = upTo; upToNext <= Math.ceil(rank) && next < last;) upToNext += counts[++next] ?? 0;
    percentiles.push(lower + ((next === position ? lower : valueAt(next)) - lower) * (rank - below));
  }
  return percentiles;
}

/** Throws `DamagedBytesError` unless the bytes are a sketch of exactly `count` values. */
export function checkSketch(sketch: Sketch, count: number): void {
  const reader = new ByteReader(sketch);
  let bucket = -1;
  let total = 0;
  while (reader.remaining > 0) {
    bucket += reader.varint() + 1;
    const inBucket = reader.varint();
    if (inBucket === 0) throw new DamagedBytesError('A sketch has an empty bucket.');
    total += inBucket;
  }
  if (bucket >= bucketCount || total !== count) throw new DamagedBytesError('A sketch does not fit its rollup.');
}
