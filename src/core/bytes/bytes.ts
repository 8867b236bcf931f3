/** Thrown by all our decoders for bytes that none of our encoders can have written. */
export class DamagedBytesError extends Error {
  override readonly name = 'DamagedBytesError';
}

const safeMax = Number.MAX_SAFE_INTEGER;

/** Returns the position after it; a whole number from 0 to 2^53 - 1 takes at most 8 bytes. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let end = at;
  let rest = value;
  while (rest >= 0x8000_0000) {
    bytes[end++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    bytes[end++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[end++] = rest;
  return end;
}

/** Grows as it is written to. Numbers are little-endian base-128 varints unless the method says otherwise. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Starts again in the same memory. */
  clear(): void {
    this.#length = 0;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(8);
    this.#length = writeVarint(this.#bytes, this.#length, value);
  }

  /** Many varints at once, for columns where the time to write matters. */
  varints(values: ArrayLike<number>, length: number): void {
    this.#reserve(8 * length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < length; index++) {
      at = writeVarint(bytes, at, values[index] ?? 0);
    }
    this.#length = at;
  }

  /** A whole number from -(2^52) to 2^52, short when it is near 0. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  float64(value: number): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** What was written; valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what a `ByteWriter` wrote; throws `DamagedBytesError` rather than read past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  byte(): number {
    if (this.#at >= this.#end) throw new DamagedBytesError('The bytes end too early.');
    return this.#bytes[this.#at++] ?? 0;
  }

  varint(): number {
    const at = this.#at;
    if (at + 1 < this.#end) {
      // Nearly all numbers take one byte or two.
      const low = this.#bytes[at] ?? 0;
      if (low < 128) {
        this.#at = at + 1;
        return low;
      }
      const high = this.#bytes[at + 1] ?? 0;
      if (high < 128) {
        this.#at = at + 2;
        return low + high * 128 - 128;
      }
    }
    let byte = this.byte();
    if (byte < 128) return byte;
    let value = byte & 127;
    let factor = 128;
    do {
      if (factor > safeMax) throw new DamagedBytesError('A number is longer than 53 bits.');
      byte = this.byte();
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte >= 128);
    if (value > safeMax) throw new DamagedBytesError('A number is longer than 53 bits.');
    return value;
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  float64(): number {
    const start = this.#take(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength).getFloat64(start, true);
  }

  /** A view, not a copy. */
  bytes(count: number): Uint8Array {
    const start = this.#take(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** A varint that must not exceed `max`. */
  count(max: number, what: string): number {
    const value = this.varint();
    if (value > max) throw new DamagedBytesError(`The number of ${what} is ${value}, at most ${max} can be.`);
    return value;
  }

  expectEnd(): void {
    if (this.#at !== this.#end) throw new DamagedBytesError(`${this.remaining} bytes are left over.`);
  }

  #take(count: number): number {
    const start = this.#at;
    if (count > this.#end - start) throw new DamagedBytesError('The bytes end too early.');
    this.#at = start + count;
    return start;
  }
}
