import { ByteReader, ByteWriter, DamagedBytesError } from './bytes.ts';
import { type Compressor, packBlock, unpackBlock } from './packed-block.ts';
import type { HopCount, Rollup } from './rollup.ts';
import { readRuns, readTimes, writeRuns, writeTimes } from './runs.ts';
import { checkSketch, emptySketch } from './sketch.ts';

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
  const rollups = readRollupRows(readCounts(counts), extremes, sums, sketches);
  for (const section of sections) section.expectEnd();
  return rollups;
}

/** Checks what decoding alone takes on trust for speed: that each histogram holds each reply once. */
export function checkRollups(rollups: readonly Rollup[]): void {
  for (const rollup of rollups) checkSketch(rollup.sketch, rollup.sent - rollup.lost);
}

interface CountColumns {
  readonly startAt: Float64Array;
  readonly sent: Float64Array;
  readonly lost: Float64Array;
  readonly notSent: Float64Array;
  readonly coveredMillis: Float64Array;
  /** One more than the hops, 0 for unknown. */
  readonly hopsLast: Float64Array;
  readonly hops: readonly (readonly HopCount[])[];
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
  return { startAt, sent, lost, notSent, coveredMillis, hopsLast: column(256), hops: readHops(reader, length) };
}

/** One loop without intermediate objects: a year of hours is read in a request, 300 targets' minutes in another. */
function readRollupRows(columns: CountColumns, extremes: ByteReader, sums: ByteReader, sketches: ByteReader): Rollup[] {
  const rollups: Rollup[] = [];
  let previousMin = 0;
  for (let index = 0; index < columns.startAt.length; index++) {
    const sent = columns.sent[index] ?? 0;
    const lost = columns.lost[index] ?? 0;
    const replies = sent - lost;
    if (replies < 0) throw new DamagedBytesError('A rollup lost more than it sent.');
    const min = replies === 0 ? 0 : previousMin + extremes.zigzag();
    const max = replies === 0 ? 0 : min + extremes.varint();
    if (replies > 0) previousMin = min;
    if (min < 0 || max > u32Max) throw new DamagedBytesError('A rollup has an impossible round trip.');
    const sum = replies === 0 ? 0 : replies * min + sums.varint();
    const hopsLast = columns.hopsLast[index] ?? 0;
    rollups.push({
      startAt: columns.startAt[index] ?? 0,
      sent,
      lost,
      notSent: columns.notSent[index] ?? 0,
      rttSumMicros: sum,
      rttSumSquares: replies === 0 ? 0 : readSumSquares(sums, sum, replies),
      rttMinMicros: min,
      rttMaxMicros: max,
      rttFirstMicros: replies === 0 ? 0 : min + extremes.count(max - min, 'microseconds'),
      rttLastMicros: replies === 0 ? 0 : min + extremes.count(max - min, 'microseconds'),
      ipdvSumMicros: replies === 0 ? 0 : sums.varint(),
      jitterMicros: replies === 0 ? 0 : readJitter(sums),
      hops: columns.hops[index] ?? [],
      hopsLast: hopsLast === 0 ? undefined : hopsLast - 1,
      coveredMillis: columns.coveredMillis[index] ?? 0,
      sketch: replies === 0 ? emptySketch : sketches.bytes(sketches.varint()),
    });
  }
  return rollups;
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

function readSumSquares(reader: ByteReader, sum: number, replies: number): number {
  const beyondMean = reader.varint();
  const sumSquares = beyondMean === 0 ? reader.float64() : squareOfMean(sum, replies) + beyondMean - 1;
  if (!Number.isFinite(sumSquares)) throw new DamagedBytesError('A rollup has an impossible sum of squares.');
  return sumSquares;
}

function readJitter(reader: ByteReader): number {
  const grains = reader.varint();
  const jitter = grains === 0 ? reader.float64() : (grains - 1) * jitterGrainMicros;
  if (!(jitter >= 0)) throw new DamagedBytesError('A rollup has an impossible jitter.');
  return jitter;
}

function squareOfMean(sum: number, count: number): number {
  return Math.floor((sum * sum) / count);
}
