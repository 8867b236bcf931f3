const bucketCount = 4096;
const none = -1;

/**
 * Slots (small whole numbers) by the millisecond at which they are due. One bucket per millisecond, reused every 4,096:
 * adding, removing and firing cost the same for ten slots as for a hundred thousand, whatever their intervals.
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
  dueOf(slot: number): number {
    return this.#due[slot] ?? Number.NaN;
  }

  schedule(slot: number, dueMillis: number): void {
    if (slot >= this.#due.length) this.#grow(slot + 1);
    this.cancel(slot);
    const bucket = dueMillis % bucketCount;
    const head = this.#heads[bucket] ?? none;
    this.#due[slot] = dueMillis;
    this.#next[slot] = head;
    this.#previous[slot] = none;
    if (head !== none) this.#previous[head] = slot;
    this.#heads[bucket] = slot;
  }

  cancel(slot: number): void {
    const due = this.dueOf(slot);
    if (Number.isNaN(due)) return;
    const next = this.#next[slot] ?? none;
    const previous = this.#previous[slot] ?? none;
    if (previous === none) this.#heads[due % bucketCount] = next;
    else this.#next[previous] = next;
    if (next !== none) this.#previous[next] = previous;
    this.#due[slot] = Number.NaN;
  }

  /** Takes out every slot due up to now and hands it to `fire`, which may schedule it again. */
  advance(nowMillis: number, fire: (slot: number, dueMillis: number) => void): void {
    const now = Math.floor(nowMillis);
    // After a long stall one turn of the wheel sees every slot.
    let cursor = Math.max(this.#cursor, now - bucketCount);
    while (cursor < now) {
      cursor++;
      let slot = this.#heads[cursor % bucketCount] ?? none;
      while (slot !== none) {
        const next = this.#next[slot] ?? none;
        const due = this.dueOf(slot);
        if (due <= now) {
          this.cancel(slot);
          fire(slot, due);
        }
        slot = next;
      }
    }
    this.#cursor = Math.max(this.#cursor, now);
  }

  /** Milliseconds until something may be due, at most `limit`. */
  quietMillis(limit: number): number {
    for (let ahead = 1; ahead < limit; ahead++) {
      let slot = this.#heads[(this.#cursor + ahead) % bucketCount] ?? none;
      while (slot !== none) {
        if (this.dueOf(slot) <= this.#cursor + ahead) return ahead;
        slot = this.#next[slot] ?? none;
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
