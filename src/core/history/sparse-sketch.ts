import { ByteReader } from '../bytes/bytes.ts';
import { bucketOf, percentilesOfCounts, type Sketch } from './sketch.ts';

/** A histogram like `DenseSketch`, with memory only for the buckets in use: there is one for each of many targets. */
export class SparseSketch {
  /** Ascending; buckets whose count has dropped to 0 stay until room is needed. */
  #buckets = new Uint16Array(16);
  #counts = new Uint32Array(16);
  #size = 0;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(rttMicros: number): void {
    this.#change(bucketOf(rttMicros), 1);
  }

  addSketch(sketch: Sketch): void {
    this.#changeAll(sketch, 1);
  }

  /** Removes what was added before. */
  subtractSketch(sketch: Sketch): void {
    this.#changeAll(sketch, -1);
  }

  clear(): void {
    this.#size = this.#total = 0;
  }

  /** Equal to the bit to those of a `DenseSketch` with the same values. */
  percentiles(ratios: readonly number[], min: number, max: number): (number | undefined)[] {
    const counts = { counts: this.#counts, buckets: this.#buckets, first: 0, last: this.#size - 1, total: this.#total };
    return percentilesOfCounts(counts, ratios, min, max);
  }

  #changeAll(sketch: Sketch, sign: 1 | -1): void {
    const reader = new ByteReader(sketch);
    let bucket = -1;
    while (reader.remaining > 0) {
      bucket += reader.varint() + 1;
      this.#change(bucket, sign * reader.varint());
    }
  }

  #change(bucket: number, by: number): void {
    const at = this.#placeOf(bucket);
    if (at < this.#size && this.#buckets[at] === bucket) this.#counts[at] = (this.#counts[at] ?? 0) + by;
    else this.#insert(bucket, by);
    this.#total += by;
  }

  /** Where a bucket is or belongs. */
  #placeOf(bucket: number): number {
    const buckets = this.#buckets;
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((buckets[middle] ?? 0) < bucket) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(bucket: number, count: number): void {
    if (this.#size === this.#buckets.length) this.#makeRoom();
    const at = this.#placeOf(bucket);
    this.#buckets.copyWithin(at + 1, at, this.#size);
    this.#counts.copyWithin(at + 1, at, this.#size);
    this.#buckets[at] = bucket;
    this.#counts[at] = count;
    this.#size++;
  }

  #makeRoom(): void {
    let kept = 0;
    for (let index = 0; index < this.#size; index++) {
      if (this.#counts[index] === 0) continue;
      this.#buckets[kept] = this.#buckets[index] ?? 0;
      this.#counts[kept++] = this.#counts[index] ?? 0;
    }
    this.#size = kept;
    if (kept <= this.#buckets.length * 0.75) return;
    const buckets = new Uint16Array(this.#buckets.length * 2);
    const counts = new Uint32Array(buckets.length);
    buckets.set(this.#buckets);
    counts.set(this.#counts);
    this.#buckets = buckets;
    this.#counts = counts;
  }
}
