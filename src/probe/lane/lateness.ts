// Buckets double every eight steps: at most 9 % error, from a microsecond to over an hour.
const stepsPerOctave = 8;
const bucketCount = 32 * stepsPerOctave;
const windowSeconds = 10;

/** How late probes were sent over the last ten seconds: one histogram per second, the oldest replaced. */
export class LatenessWindow {
  readonly #counts = new Uint32Array(windowSeconds * bucketCount);
  #second = 0;

  add(lateMicros: number): void {
    const bucket = Math.min(bucketCount - 1, Math.floor(Math.log2(Math.max(1, lateMicros)) * stepsPerOctave));
    const at = (this.#second % windowSeconds) * bucketCount + bucket;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** To be called once a second. */
  nextSecond(): void {
    this.#second++;
    const start = (this.#second % windowSeconds) * bucketCount;
    this.#counts.fill(0, start, start + bucketCount);
  }

  /** 0 if nothing was sent in the window; otherwise the upper edge of the bucket that contains the quantile. */
  quantileMicros(quantile: number): number {
    let total = 0;
    for (const count of this.#counts) total += count;
    if (total === 0) return 0;
    let seen = 0;
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      for (let second = 0; second < windowSeconds; second++) seen += this.#counts[second * bucketCount + bucket] ?? 0;
      if (seen >= quantile * total) return Math.round(2 ** ((bucket + 1) / stepsPerOctave));
    }
    return 0;
  }
}
