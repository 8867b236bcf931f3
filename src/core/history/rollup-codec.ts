import { ByteReader, ByteWriter, DamagedBytesError } from '../bytes/bytes.ts';
import { checkBlock, type Compressor, noCompression, packBlock, unpackBlock } from '../bytes/packed-block.ts';
import { type HopCount, mergeNeighbours, type Rollup } from './rollup.ts';
import { readRuns, readTimes, writeRuns, writeTimes } from '../bytes/runs.ts';
import { checkSketch, emptySketch } from './sketch.ts';

/** Never change what a version means: stored blocks carry it. */
const version = 1;
/** A block of rollups after a block of the coarser ones that they merge into. */
const summarizedVersion = 2;
const rollupsMax = 1_000_000;
const u32Max = 0xffff_ffff;
const safeMax = Number.MAX_SAFE_INTEGER;

/** Jitter is stored to this fraction of a microsecond, so that merged rollups agree with the results to 1e-9. */
export const jitterGrainMicros = 2 ** -32;

/** `rollups`: of one resolution, in ascending time order. */
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

/**
 * The same, with the rollups of each UTC multiple of `summaryMillis` beside them, so that years are read in days without merging
 * every hour again. Both are written together: a summary always belongs to the rollups in its block.
 */
export function encodeSummarized(
  rollups: readonly Rollup[],
  summaryMillis: number,
  compressor: Compressor,
): Uint8Array {
  const blocks = [mergeNeighbours(rollups, summaryMillis), rollups].map((each) => encodeRollups(each, compressor));
  return packBlock(summarizedVersion, blocks, withoutCompression(compressor));
}

/** The parts of a block are already compressed. */
function withoutCompression(compressor: Compressor): Compressor {
  return { ...compressor, ...noCompression };
}

function blocksOf(bytes: Uint8Array, compressor: Compressor): { summaries?: Uint8Array; rollups: Uint8Array } {
  if (bytes[0] !== summarizedVersion) return { rollups: bytes };
  const [summaries, rollups] = unpackBlock(summarizedVersion, bytes, withoutCompression(compressor));
  if (summaries === undefined || rollups === undefined)
    throw new DamagedBytesError('A block of rollups is half there.');
  return { summaries, rollups };
}

/** Throws as `decodeRollups` does, for what the checksum shows. */
export const checkRollupBlock = (bytes: Uint8Array, compressor: Compressor): void =>
  checkBlock([version, summarizedVersion], bytes, compressor);

export function decodeRollups(bytes: Uint8Array, compressor: Compressor): Rollup[] {
  const rows = openRollups(blocksOf(bytes, compressor).rollups, compressor);
  const rollups = Array.from({ length: rows.length }, (_, index) => rows.read(index, emptyRollup()));
  rows.expectEnd();
  return rollups;
}

/**
 * Yields the rollups in the same object, valid until the next one. Five years are more than 40,000 rollups; as objects alive at
 * the same time, they cost more to collect than to read.
 */
export function eachRollup(bytes: Uint8Array, compressor: Compressor): Generator<Rollup> {
  return eachOf(blocksOf(bytes, compressor).rollups, compressor);
}

/** The summaries of a block in the same way; `undefined` if it was written without. */
export function eachSummary(bytes: Uint8Array, compressor: Compressor): Generator<Rollup> | undefined {
  const { summaries } = blocksOf(bytes, compressor);
  return summaries && eachOf(summaries, compressor);
}

function* eachOf(block: Uint8Array, compressor: Compressor): Generator<Rollup> {
  const rows = openRollups(block, compressor);
  const rollup = emptyRollup();
  for (let index = 0; index < rows.length; index++) yield rows.read(index, rollup);
  rows.expectEnd();
}

/** Checks what decoding trusts for speed: that each histogram counts each reply once. */
export function checkRollups(rollups: readonly Rollup[]): void {
  for (const rollup of rollups) checkSketch(rollup.sketch, rollup.sent - rollup.lost);
}

interface Counts {
  readonly length: number;
  /**
   * All columns one after the other: starts, then as `columnOrder`. Most blocks are short, so an array for each would be costly.
   */
  readonly columns: Float64Array;
  readonly hops: readonly (readonly HopCount[])[];
}

/** `hopsLast`: the hops plus one, 0 for unknown. */
const columnOrder = { sent: 1, lost: 2, notSent: 3, coveredMillis: 4, hopsLast: 5 } as const;
const columnCount = 6;

function readCounts(reader: ByteReader): Counts {
  const length = reader.count(rollupsMax, 'rollups');
  const columns = new Float64Array(length * columnCount);
  readTimes(reader, columns, length);
  for (const [name, column] of Object.entries(columnOrder)) {
    readRuns(reader, columns, length, { max: name === 'hopsLast' ? 256 : safeMax, at: column * length });
  }
  return { length, columns, hops: readHops(reader, length) };
}

type MutableRollup = { -readonly [Field in keyof Rollup]: Rollup[Field] };

const noHops: readonly HopCount[] = [];

function emptyRollup(): MutableRollup {
  return {
    startAt: 0,
    sent: 0,
    lost: 0,
    notSent: 0,
    rttSumMicros: 0,
    rttSumSquares: 0,
    rttMinMicros: 0,
    rttMaxMicros: 0,
    rttFirstMicros: 0,
    rttLastMicros: 0,
    ipdvSumMicros: 0,
    jitterMicros: 0,
    hops: noHops,
    hopsLast: undefined,
    coveredMillis: 0,
    sketch: emptySketch,
  };
}

interface RollupRows {
  readonly length: number;
  /** To be called for each index in order. */
  read(index: number, into: MutableRollup): Rollup;
  expectEnd(): void;
}

function openRollups(bytes: Uint8Array, compressor: Compressor): RollupRows {
  const sections = unpackBlock(version, bytes, compressor).map((section) => new ByteReader(section));
  const [counts, extremes, sums, sketches] = sections;
  if (counts === undefined || extremes === undefined || sums === undefined || sketches === undefined) {
    throw new DamagedBytesError('A block of rollups has too few sections.');
  }
  const { length, columns, hops } = readCounts(counts);
  const column = (which: number, index: number): number => columns[which * length + index] ?? 0;
  let previousMin = 0;
  return {
    length,
    read: (index, rollup) => {
      const sent = column(columnOrder.sent, index);
      const lost = column(columnOrder.lost, index);
      const hopsLast = column(columnOrder.hopsLast, index);
      const replies = sent - lost;
      if (replies < 0) throw new DamagedBytesError('A rollup lost more than it sent.');
      rollup.startAt = columns[index] ?? 0;
      rollup.sent = sent;
      rollup.lost = lost;
      rollup.notSent = column(columnOrder.notSent, index);
      rollup.coveredMillis = column(columnOrder.coveredMillis, index);
      rollup.hops = hops[index] ?? noHops;
      rollup.hopsLast = hopsLast === 0 ? undefined : hopsLast - 1;
      if (replies === 0) return clearRoundTrips(rollup);
      const min = previousMin + extremes.zigzag();
      const max = min + extremes.varint();
      if (min < 0 || max > u32Max) throw new DamagedBytesError('A rollup has an impossible round trip.');
      previousMin = min;
      rollup.rttMinMicros = min;
      rollup.rttMaxMicros = max;
      rollup.rttFirstMicros = min + extremes.count(max - min, 'microseconds');
      rollup.rttLastMicros = min + extremes.count(max - min, 'microseconds');
      rollup.rttSumMicros = replies * min + sums.varint();
      rollup.rttSumSquares = readSumSquares(sums, rollup.rttSumMicros, replies);
      rollup.ipdvSumMicros = sums.varint();
      rollup.jitterMicros = readJitter(sums);
      rollup.sketch = sketches.bytes(sketches.varint());
      return rollup;
    },
    expectEnd: () => {
      for (const section of sections) section.expectEnd();
    },
  };
}

function clearRoundTrips(rollup: MutableRollup): Rollup {
  rollup.rttMinMicros = rollup.rttMaxMicros = rollup.rttFirstMicros = rollup.rttLastMicros = 0;
  rollup.rttSumMicros = rollup.rttSumSquares = rollup.ipdvSumMicros = rollup.jitterMicros = 0;
  rollup.sketch = emptySketch;
  return rollup;
}

/** Rollups with the same hops as the one before, which is nearly all of them, cost a fraction of a byte as runs. */
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
    const counts: HopCount[] = [];
    while (counts.length < kinds) counts.push({ hops: reader.byte(), count: reader.varint() });
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
  // Above 2^53 the sum of squares is a rounded float64 already; a leading 0 marks this, because no small difference is 0.
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
