const bucketCount = 4096;
const none = -1;

/**
 * Indexes (small whole numbers) by the millisecond at which they are due. One bucket per millisecond, reused every 4,096: adding,
 * removing and firing cost the same for ten entries as for a hundred thousand, whatever their intervals.
 */
export class TimingWheel {
  readonly #heads = new Int32Array(bucketCount).fill(none);
  #next = new Int32Array(1024).fill(none);
  #previous = new Int32Array(1024).fill(none);
  #due = new Float64Array(1024).fill(Number.NaN);
  /** The last millisecond that has been fired. */
  #cursor: number;

  constructor(nowMillis: number) {
    this.#cursor = Math.floor(nowMillis);
  }

  /** `dueMillis` is whole and later than the time last given to `advance`; NaN for none. */
  dueOf(index: number): number {
    return this.#due[index] ?? Number.NaN;
  }

  schedule(index: number, dueMillis: number): void {
    if (index >= this.#due.length) this.#grow(index + 1);
    this.cancel(index);
    const bucket = dueMillis % bucketCount;
    const head = this.#heads[bucket] ?? none;
    this.#due[index] = dueMillis;
    this.#next[index] = head;
    this.#previous[index] = none;
    if (head !== none) this.#previous[head] = index;
    this.#heads[bucket] = index;
  }

  cancel(index: number): void {
    const due = this.dueOf(index);
    if (Number.isNaN(due)) return;
    const next = this.#next[index] ?? none;
    const previous = this.#previous[index] ?? none;
    if (previous === none) this.#heads[due % bucketCount] = next;
    else this.#next[previous] = next;
    if (next !== none) this.#previous[next] = previous;
    this.#due[index] = Number.NaN;
  }

  /** Removes every entry due up to now and passes it to `fire`, which may schedule it again. */
  advance(nowMillis: number, fire: (index: number, dueMillis: number) => void): void {
    const now = Math.floor(nowMillis);
    // After a long stall, one turn of the wheel sees every entry.
    let cursor = Math.max(this.#cursor, now - bucketCount);
    while (cursor < now) {
      cursor++;
      let index = this.#heads[cursor % bucketCount] ?? none;
      while (index !== none) {
        const next = this.#next[index] ?? none;
        const due = this.dueOf(index);
        if (due <= now) {
          this.cancel(index);
          fire(index, due);
        }
        index = next;
      }
    }
    this.#cursor = Math.max(this.#cursor, now);
  }

  /** Milliseconds until something may be due, at most `limit`. */
  quietMillis(limit: number): number {
    for (let ahead = 1; ahead < limit; ahead++) {
      let index = this.#heads[(this.#cursor + ahead) % bucketCount] ?? none;
      while (index !== none) {
        if (this.dueOf(index) <= this.#cursor + ahead) return ahead;
        index = this.#next[index] ?? none;
      }
    }
    return limit;
  }

  #grow(atLeast: number): void {
    const length = Math.max(atLeast, this.#due.length * 2);
    const resized = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const into = new Int32Array(length).fill(none);
      into.set(old);
      return into;
    };
    this.#next = resized(this.#next);
    this.#previous = resized(this.#previous);
    const due = new Float64Array(length).fill(Number.NaN);
    due.set(this.#due);
    this.#due = due;
  }
}
