import { type ByteReader, type ByteWriter, DamagedBytesError } from '../bytes/bytes.ts';

/**
 * Round trips of one path in bytes. The noisy lowest bits are packed as they are; the 8 bits above them, which show the path's
 * distribution, are in a section of their own, where an entropy coder works best; outliers fill further sections, which are
 * nearly all zeros. Values are distances from the block's minimum, or steps from reply to reply if those need fewer bits (a path
 * that drifts).
 */
const fromMinimum = 0;
const fromPrevious = 1;
const noiseBitsMax = 16;
// Short blocks live only minutes, so searching for the best way would cost more than it saves.
const driftWorthAsking = 256;
const u32Max = 0xffff_ffff;

/** Writes the parameters into the head and returns the sections. `rtts`: replies only. */
export function encodeRtts(head: ByteWriter, rtts: Uint32Array): readonly Uint8Array[] {
  const minimum = leastOf(rtts);
  const distances = scratchFor(0, rtts.length);
  for (let row = 0; row < rtts.length; row++) distances[row] = (rtts[row] ?? 0) - minimum;
  const steps = rtts.length < driftWorthAsking ? undefined : stepsOf(rtts, minimum);
  const isDrifting = steps !== undefined && bitsOf(steps) < bitsOf(distances);
  const values = isDrifting ? steps : distances;
  const noiseBits = noiseBitsOf(values);
  const planes = planesOf(values, noiseBits);
  head.byte(isDrifting ? fromPrevious : fromMinimum);
  head.varint(minimum);
  head.byte(noiseBits);
  head.byte(planes.length);
  return [packBits(values, noiseBits), ...planes];
}

export function decodeRtts(head: ByteReader, sections: readonly Uint8Array[], count: number): Uint32Array {
  const reference = head.byte();
  const minimum = head.varint();
  const noiseBits = head.byte();
  const [noise, ...planes] = sections;
  if (noise === undefined || head.byte() !== planes.length || noiseBits > noiseBitsMax || planes.length > 4) {
    throw new DamagedBytesError('A section of round trips is missing.');
  }
  const values = unpackBits(noise, noiseBits, count);
  planes.forEach((plane, index) => {
    if (plane.length !== count) throw new DamagedBytesError('A section of round trips has the wrong length.');
    const shift = noiseBits + 8 * index;
    if (shift > 31) throw new DamagedBytesError('A round trip is longer than 32 bits.');
    for (let row = 0; row < count; row++) values[row] = (values[row] ?? 0) | ((plane[row] ?? 0) << shift);
  });
  restore(values, reference, minimum);
  return values;
}

function restore(values: Uint32Array, reference: number, minimum: number): void {
  let previous = minimum;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    if (reference === fromPrevious) previous += value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    else previous = minimum + value;
    if (previous < 0 || previous > u32Max) throw new DamagedBytesError(`A round trip would be ${previous} µs.`);
    values[row] = previous;
  }
}

// Reused from block to block: sealing makes thousands of blocks, and garbage collection would interrupt commits.
const scratch = [new Uint32Array(0), new Uint32Array(0)];

function scratchFor(which: 0 | 1, length: number): Uint32Array {
  let column = scratch[which];
  if (column === undefined || column.length < length) scratch[which] = column = new Uint32Array(length);
  return column.subarray(0, length);
}

function leastOf(rtts: Uint32Array): number {
  let least = rtts[0] ?? 0;
  for (let row = 1; row < rtts.length; row++) least = Math.min(least, rtts[row] ?? 0);
  return least;
}

/** The bits above the noise, eight per plane, with as many planes as the largest value needs. */
function planesOf(values: Uint32Array, noiseBits: number): Uint8Array[] {
  let used = 0;
  for (let row = 0; row < values.length; row++) used |= values[row] ?? 0;
  const planes: Uint8Array[] = [];
  for (let shift = noiseBits; shift === noiseBits || (shift < 32 && used >>> shift > 0); shift += 8) {
    const plane = new Uint8Array(values.length);
    for (let row = 0; row < values.length; row++) plane[row] = (values[row] ?? 0) >>> shift;
    planes.push(plane);
  }
  return planes;
}

/** Zigzag steps from reply to reply; `undefined` if one of them needs more than 32 bits. */
function stepsOf(rtts: Uint32Array, first: number): Uint32Array | undefined {
  const steps = scratchFor(1, rtts.length);
  let previous = first;
  for (let row = 0; row < rtts.length; row++) {
    const step = (rtts[row] ?? 0) - previous;
    if (Math.abs(step) > 0x7fff_ffff) return undefined;
    steps[row] = step < 0 ? -2 * step - 1 : 2 * step;
    previous = rtts[row] ?? 0;
  }
  return steps;
}

/** The number of low bits above which nearly all values need at most 7 more: a code for 128 symbols still has a short table. */
function noiseBitsOf(values: Uint32Array): number {
  const lengths = new Uint32Array(33);
  for (const value of values) {
    const length = 32 - Math.clz32(value);
    lengths[length] = (lengths[length] ?? 0) + 1;
  }
  let longer = values.length * 0.05;
  let bits = 32;
  while (bits > 0 && longer >= (lengths[bits] ?? 0)) longer -= lengths[bits--] ?? 0;
  return Math.min(noiseBitsMax, Math.max(0, bits - 7));
}

/** Roughly how many bits the values take: noise, the entropy of the symbols above it, and outliers in full. */
function bitsOf(values: Uint32Array): number {
  const noiseBits = noiseBitsOf(values);
  const counts = new Uint32Array(256);
  let bits = noiseBits * values.length;
  for (const value of values) {
    const symbol = value >>> noiseBits;
    counts[symbol & 255] = (counts[symbol & 255] ?? 0) + 1;
    if (symbol > 255) bits += 16;
  }
  for (const count of counts) if (count > 0) bits += count * Math.log2(values.length / count);
  return bits;
}

function packBits(values: Uint32Array, width: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil((values.length * width) / 8));
  if (width === 0) return packed;
  const mask = (1 << width) - 1;
  let [buffer, held, at] = [0, 0, 0];
  for (let row = 0; row < values.length; row++) {
    buffer |= ((values[row] ?? 0) & mask) << held;
    for (held += width; held >= 8; held -= 8) {
      packed[at++] = buffer;
      buffer >>>= 8;
    }
  }
  if (held > 0) packed[at] = buffer;
  return packed;
}

function unpackBits(packed: Uint8Array, width: number, count: number): Uint32Array {
  if (packed.length !== Math.ceil((count * width) / 8)) throw new DamagedBytesError('The noise has the wrong length.');
  const values = new Uint32Array(count);
  if (width === 0) return values;
  const mask = (1 << width) - 1;
  let [buffer, held, at] = [0, 0, 0];
  for (let row = 0; row < count; row++) {
    for (; held < width; held += 8) buffer |= (packed[at++] ?? 0) << held;
    values[row] = buffer & mask;
    buffer >>>= width;
    held -= width;
  }
  return values;
}
