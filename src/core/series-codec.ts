import { ByteReader, ByteWriter, DamagedBytesError } from './bytes.ts';
import { type Compressor, packBlock, unpackBlock } from './packed-block.ts';
import { outcomeCodes } from './probe-result.ts';
import { createSeries, type Series } from './series.ts';
import { readRuns, readTimes, writeRuns, writeTimes } from './runs.ts';

/** Never change what a version means: blocks at rest carry it. */
const version = 1;
const rowsMax = 40_000_000;
const u32Max = 0xffff_ffff;

/*
 * Round trips stand as bytes of one significance together ("planes"), in sections of their own: the high bytes of a
 * path are nearly constant and compress to nothing, the low ones are noise and stay as they are. The reference is the
 * block's minimum, or the reply before where that makes smaller numbers (a path that drifts).
 */
type Reference = 0 | 1;
const fromMinimum: Reference = 0;
const fromPrevious: Reference = 1;

/** `series`: in time order. */
export function encodeSeries(series: Series, compressor: Compressor): Uint8Array {
  const { length } = series;
  const head = new ByteWriter();
  head.varint(length);
  writeTimes(head, series.sentAtMillis, length);
  writeRuns(head, series.outcomes, length);
  writeRuns(head, series.details, length);
  writeRuns(head, series.intervalMillis, length);
  const { reference, minimum, values } = residuals(series);
  const largest = values.reduce((max, value) => Math.max(max, value), 0);
  const planes = planesOf(values, largest < 2 ** 8 ? 1 : largest < 2 ** 16 ? 2 : largest < 2 ** 24 ? 3 : 5);
  head.byte(reference);
  head.varint(minimum);
  head.byte(planes.length);
  return packBlock(version, [head.finish(), ...planes], compressor);
}

export function decodeSeries(bytes: Uint8Array, compressor: Compressor): Series {
  const [headBytes, ...planes] = unpackBlock(version, bytes, compressor);
  if (headBytes === undefined) throw new DamagedBytesError('The block of results has no head.');
  const head = new ByteReader(headBytes);
  const series = createSeries(head.count(rowsMax, 'results'));
  const { length } = series;
  readTimes(head, series.sentAtMillis, length);
  readRuns(head, series.outcomes, length, outcomeCodes['not-sent']);
  readRuns(head, series.details, length, 0xffff);
  readRuns(head, series.intervalMillis, length, u32Max);
  const reference = head.byte();
  const minimum = head.varint();
  if (head.byte() !== planes.length) throw new DamagedBytesError('A plane of round trips is missing.');
  head.expectEnd();
  restoreRtts(series, planes, reference, minimum);
  return series;
}

function residuals(series: Series): { reference: Reference; minimum: number; values: Float64Array } {
  const { outcomes, rttMicros, length } = series;
  const rtts = new Float64Array(length);
  let count = 0;
  let minimum = u32Max;
  for (let index = 0; index < length; index++) {
    if (outcomes[index] !== outcomeCodes.reply) continue;
    const rtt = rttMicros[index] ?? 0;
    if (rtt < minimum) minimum = rtt;
    rtts[count++] = rtt;
  }
  if (count === 0) return { reference: fromMinimum, minimum: 0, values: new Float64Array(0) };
  const values = rtts.subarray(0, count);
  if (isDrifting(values, minimum)) {
    let previous = minimum;
    for (let index = 0; index < count; index++) {
      const rtt = values[index] ?? 0;
      const step = rtt - previous;
      values[index] = step < 0 ? -2 * step - 1 : 2 * step;
      previous = rtt;
    }
    return { reference: fromPrevious, minimum, values };
  }
  for (let index = 0; index < count; index++) values[index] = (values[index] ?? 0) - minimum;
  return { reference: fromMinimum, minimum, values };
}

/** Whether steps take fewer bits than distances from the minimum. */
function isDrifting(rtts: Float64Array, minimum: number): boolean {
  let bitsOfDistances = 0;
  let bitsOfSteps = 0;
  let previous = minimum;
  for (let index = 0; index < rtts.length; index++) {
    const rtt = rtts[index] ?? 0;
    bitsOfDistances += 32 - Math.clz32(rtt - minimum);
    bitsOfSteps += 33 - Math.clz32(Math.abs(rtt - previous));
    previous = rtt;
  }
  return bitsOfSteps < bitsOfDistances;
}

function planesOf(values: Float64Array, planeCount: number): Uint8Array[] {
  const planes = Array.from({ length: planeCount }, () => new Uint8Array(values.length));
  planes.forEach((plane, significance) => {
    const unit = 2 ** (8 * significance);
    // Zigzag steps take 33 bits, beyond what the bit operators hold.
    if (planeCount > 4)
      for (let index = 0; index < values.length; index++) plane[index] = Math.floor((values[index] ?? 0) / unit) % 256;
    else for (let index = 0; index < values.length; index++) plane[index] = (values[index] ?? 0) >>> (8 * significance);
  });
  return planes;
}

function restoreRtts(series: Series, planes: readonly Uint8Array[], reference: number, minimum: number): void {
  const { outcomes, rttMicros, length } = series;
  const values = valuesOf(planes);
  let count = 0;
  let previous = minimum;
  for (let index = 0; index < length; index++) {
    if (outcomes[index] !== outcomeCodes.reply) continue;
    const value = values[count++] ?? -1;
    if (value < 0) throw new DamagedBytesError('A round trip is missing.');
    if (reference === fromPrevious) previous += value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    else previous = minimum + value;
    if (previous < 0 || previous > u32Max) throw new DamagedBytesError(`A round trip would be ${previous} µs.`);
    rttMicros[index] = previous;
  }
  if (count !== values.length) throw new DamagedBytesError('There are more round trips than replies.');
}

function valuesOf(planes: readonly Uint8Array[]): Float64Array {
  const values = new Float64Array(planes[0]?.length ?? 0);
  planes.forEach((plane, significance) => {
    if (plane.length !== values.length) throw new DamagedBytesError('A plane of round trips has the wrong length.');
    const unit = 2 ** (8 * significance);
    for (let index = 0; index < values.length; index++)
      values[index] = (values[index] ?? 0) + (plane[index] ?? 0) * unit;
  });
  return values;
}
