import { ByteReader, ByteWriter, DamagedBytesError } from './bytes.ts';
import type { EpochMillis } from './ids.ts';
import { type Compressor, packBlock, unpackBlock } from './packed-block.ts';
import type { HopCount, Rollup } from './rollup.ts';
import { readRuns, readTimes, writeRuns, writeTimes } from './runs.ts';
import { checkSketch } from './sketch.ts';

/** Never change what a version means: blocks at rest carry it. */
const version = 1;
const rollupsMax = 1_000_000;
const u32Max = 0xffff_ffff;
const safeMax = Number.MAX_SAFE_INTEGER;

/** Jitter is kept to this fraction of a microsecond, so that merged rollups agree with the results to 1e-9. */
export const jitterGrainMicros = 2 ** -32;

/** `rollups`: of one resolution, ascending in time. */
export function encodeRollups(rollups: readonly Rollup[], compressor: Compressor): Uint8Array {
  const counts = new ByteWriter();
  const { length } = rollups;
  const columns = (value: (rollup: Rollup) => number): void => writeRuns(counts, rollups.map(value), length);
  counts.varint(length);
  writeTimes(
    counts,
    rollups.map((rollup) => rollup.startAt),
    length,
  );
  columns((rollup) => rollup.sent);
  columns((rollup) => rollup.lost);
  columns((rollup) => rollup.notSent);
  columns((rollup) => rollup.coveredMillis);
  columns((rollup) => (rollup.hopsLast ?? -1) + 1);
  writeHops(counts, rollups);
  const extremes = new ByteWriter();
  const sums = new ByteWriter();
  const sketches = new ByteWriter();
  const withReplies = rollups.filter((rollup) => rollup.sent > rollup.lost);
  writeExtremes(extremes, withReplies);
  for (const rollup of withReplies) {
    writeSums(sums, rollup);
    sketches.varint(rollup.sketch.length);
    sketches.bytes(rollup.sketch);
  }
  return packBlock(
    version,
    [counts, extremes, sums, sketches].map((part) => part.finish()),
    compressor,
  );
}

export function decodeRollups(bytes: Uint8Array, compressor: Compressor): Rollup[] {
  const sections = unpackBlock(version, bytes, compressor).map((section) => new ByteReader(section));
  const [counts, extremes, sums, sketches] = sections;
  if (counts === undefined || extremes === undefined || sums === undefined || sketches === undefined) {
    throw new DamagedBytesError('A block of rollups has too few sections.');
  }
  const columns = readCounts(counts);
  const rollups: Rollup[] = [];
  let previousMin = 0;
  for (let index = 0; index < columns.length; index++) {
    const [startAt, sent, lost] = [columns.startAt[index] ?? 0, columns.sent[index] ?? 0, columns.lost[index] ?? 0];
    if (lost > sent) throw new DamagedBytesError('A rollup lost more than it sent.');
    const head = columns.rest(index);
    if (sent === lost) {
      rollups.push({ startAt, sent, lost, ...head, ...withoutReplies });
      continue;
    }
    const extremesOfThis = readExtremes(extremes, previousMin);
    previousMin = extremesOfThis.rttMinMicros;
    const sumsOfThis = readSums(sums, sent - lost, extremesOfThis.rttMinMicros);
    const sketch = sketches.bytes(sketches.varint());
    rollups.push({ startAt, sent, lost, ...head, ...extremesOfThis, ...sumsOfThis, sketch });
  }
  for (const section of sections) section.expectEnd();
  return rollups;
}

/** Checks what decoding alone takes on trust for speed: that each histogram holds each reply once. */
export function checkRollups(rollups: readonly Rollup[]): void {
  for (const rollup of rollups) checkSketch(rollup.sketch, rollup.sent - rollup.lost);
}

const withoutReplies = {
  ...{ rttMinMicros: 0, rttMaxMicros: 0, rttFirstMicros: 0, rttLastMicros: 0, rttSumMicros: 0, rttSumSquares: 0 },
  ...{ ipdvSumMicros: 0, jitterMicros: 0, sketch: new Uint8Array(0) },
} as const;

interface CountColumns {
  readonly length: number;
  readonly startAt: Float64Array;
  readonly sent: Float64Array;
  readonly lost: Float64Array;
  rest(index: number): Pick<Rollup, 'notSent' | 'coveredMillis' | 'hopsLast' | 'hops'>;
}

function readCounts(reader: ByteReader): CountColumns {
  const length = reader.count(rollupsMax, 'rollups');
  const startAt = new Float64Array(length);
  readTimes(reader, startAt, length);
  const column = (max: number): Float64Array => {
    const values = new Float64Array(length);
    readRuns(reader, values, length, max);
    return values;
  };
  const [sent, lost, notSent, coveredMillis] = [column(safeMax), column(safeMax), column(safeMax), column(safeMax)];
  const hopsLast = column(256);
  const hops = readHops(reader, length);
  return {
    ...{ length, startAt, sent, lost },
    rest: (index) => ({
      notSent: notSent[index] ?? 0,
      coveredMillis: coveredMillis[index] ?? 0,
      hopsLast: (hopsLast[index] ?? 0) === 0 ? undefined : (hopsLast[index] ?? 0) - 1,
      hops: hops[index] ?? [],
    }),
  };
}

/** Rollups with the same hops as the one before, which is nearly all, cost a fraction of a byte as runs. */
function writeHops(writer: ByteWriter, rollups: readonly Rollup[]): void {
  for (let start = 0; start < rollups.length;) {
    const hops = rollups[start]?.hops ?? [];
    let end = start + 1;
    while (end < rollups.length && hasSameHops(rollups[end]?.hops ?? [], hops)) end++;
    writer.varint(end - start - 1);
    writer.varint(hops.length);
    for (const { hops: distance, count } of hops) {
      writer.byte(distance);
      writer.varint(count);
    }
    start = end;
  }
}

function hasSameHops(a: readonly HopCount[], b: readonly HopCount[]): boolean {
  return (
    a.length === b.length && a.every(({ hops, count }, index) => b[index]?.hops === hops && b[index].count === count)
  );
}

function readHops(reader: ByteReader, length: number): (readonly HopCount[])[] {
  const hops: (readonly HopCount[])[] = [];
  while (hops.length < length) {
    const run = reader.count(length - hops.length - 1, 'rollups in a run') + 1;
    const kinds = reader.count(256, 'hop counts');
    const counts = Array.from({ length: kinds }, () => ({ hops: reader.byte(), count: reader.varint() }));
    for (let index = 0; index < run; index++) hops.push(counts);
  }
  return hops;
}

function writeExtremes(writer: ByteWriter, rollups: readonly Rollup[]): void {
  let previousMin = 0;
  for (const { rttMinMicros, rttMaxMicros, rttFirstMicros, rttLastMicros } of rollups) {
    writer.zigzag(rttMinMicros - previousMin);
    writer.varint(rttMaxMicros - rttMinMicros);
    writer.varint(rttFirstMicros - rttMinMicros);
    writer.varint(rttLastMicros - rttMinMicros);
    previousMin = rttMinMicros;
  }
}

function readExtremes(
  reader: ByteReader,
  previousMin: number,
): Pick<Rollup, 'rttMinMicros' | 'rttMaxMicros' | 'rttFirstMicros' | 'rttLastMicros'> {
  const rttMinMicros = previousMin + reader.zigzag();
  const above = (): number => rttMinMicros + reader.varint();
  const [rttMaxMicros, rttFirstMicros, rttLastMicros] = [above(), above(), above()];
  if (rttMinMicros < 0 || Math.max(rttMaxMicros, rttFirstMicros, rttLastMicros) > u32Max) {
    throw new DamagedBytesError('A rollup has an impossible round trip.');
  }
  return { rttMinMicros, rttMaxMicros, rttFirstMicros, rttLastMicros };
}

function writeSums(writer: ByteWriter, rollup: Rollup): void {
  const replies = rollup.sent - rollup.lost;
  writer.varint(rollup.rttSumMicros - replies * rollup.rttMinMicros);
  // Above 2^53 the sum of squares is a rounded float64 already; a leading 0 says so, as no small difference does.
  const beyondMean = rollup.rttSumSquares - squareOfMean(rollup.rttSumMicros, replies);
  const isWhole = Number.isSafeInteger(rollup.rttSumSquares) && beyondMean >= 0;
  writer.varint(isWhole ? beyondMean + 1 : 0);
  if (!isWhole) writer.float64(rollup.rttSumSquares);
  writer.varint(rollup.ipdvSumMicros);
  const grains = Math.round(rollup.jitterMicros / jitterGrainMicros) + 1;
  writer.varint(Number.isSafeInteger(grains) ? grains : 0);
  if (!Number.isSafeInteger(grains)) writer.float64(rollup.jitterMicros);
}

function readSums(
  reader: ByteReader,
  replies: number,
  rttMin: number,
): Pick<Rollup, 'rttSumMicros' | 'rttSumSquares' | 'ipdvSumMicros' | 'jitterMicros'> {
  const rttSumMicros = replies * rttMin + reader.varint();
  const beyondMean = reader.varint();
  const rttSumSquares = beyondMean === 0 ? reader.float64() : squareOfMean(rttSumMicros, replies) + beyondMean - 1;
  if (!Number.isFinite(rttSumSquares)) throw new DamagedBytesError('A rollup has an impossible sum of squares.');
  const ipdvSumMicros = reader.varint();
  const grains = reader.varint();
  const jitterMicros = grains === 0 ? reader.float64() : (grains - 1) * jitterGrainMicros;
  if (!(jitterMicros >= 0)) throw new DamagedBytesError('A rollup has an impossible jitter.');
  return { rttSumMicros, rttSumSquares, ipdvSumMicros, jitterMicros };
}

function squareOfMean(sum: number, count: number): number {
  return Math.floor((sum * sum) / count);
}

/** The start of the bucket after the last rollup of a block, without decoding the block's rest. */
export function endOfRollups(rollups: readonly Rollup[], resolutionMillis: number): EpochMillis {
  return (rollups.at(-1)?.startAt ?? 0) + resolutionMillis;
}
