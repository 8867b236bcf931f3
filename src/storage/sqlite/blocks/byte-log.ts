/** Byte strings one after the other in one buffer: a hundred thousand small buffers would burden the collector. */
export class ByteLog {
  #bytes = new Uint8Array(0);
  #length = 0;
  readonly #ends: number[] = [];

  add(piece: Uint8Array): void {
    const end = this.#length + piece.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, Math.ceil(this.#bytes.length * 1.5)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = end;
    this.#ends.push(end);
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Keeps the first `count` pieces. */
  truncate(count: number): void {
    this.#ends.length = Math.min(count, this.#ends.length);
    this.#length = this.#ends.at(-1) ?? 0;
  }

  /** Views, in the order in which the pieces were added. */
  pieces(): Uint8Array[] {
    return this.#ends.map((end, index) => this.#bytes.subarray(this.#ends[index - 1] ?? 0, end));
  }
}
