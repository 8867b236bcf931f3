import { ByteReader, ByteWriter, DamagedBytesError } from '../bytes/bytes.ts';
import { noCompression, packBlock, unpackBlock } from '../bytes/packed-block.ts';
import { createBatch, outcomeCodes, type ResultBatch } from './probe-result.ts';
import { readRuns, writeRuns } from '../bytes/runs.ts';

/** Never change what a version means: stored batches carry it. */
const version = 1;
const rowsMax = 10_000_000;
const u32Max = 0xffff_ffff;

// Reused from commit to commit: large short-lived objects would trigger the garbage collector in the middle of one.
const scratch = new ByteWriter();
let scratchNumbers = new Float64Array(0);

/** The results of one commit in order of arrival, of many targets: quick to write, read only after a restart. */
export function encodeBatch(batch: ResultBatch, compressor = noCompression): Uint8Array {
  const { length, outcomes, rttMicros } = batch;
  const writer = scratch;
  writer.clear();
  writer.varint(length);
  writeRuns(writer, outcomes, length);
  writeRuns(writer, batch.intervalMillis, length);
  writeRuns(writer, batch.details, length);
  if (scratchNumbers.length < length) scratchNumbers = new Float64Array(2 * length);
  const numbers = scratchNumbers.subarray(0, length);
  writer.varints(stepsOf(batch.targetIds, numbers), length);
  writer.varints(stepsOf(batch.sentAtMillis, numbers), length);
  let replies = 0;
  for (let index = 0; index < length; index++) {
    if (outcomes[index] === outcomeCodes.reply) numbers[replies++] = rttMicros[index] ?? 0;
  }
  writer.varints(numbers, replies);
  return packBlock(version, [writer.view()], compressor);
}

export function decodeBatch(bytes: Uint8Array): ResultBatch {
  const [section] = unpackBlock(version, bytes, noCompression);
  if (section === undefined) throw new DamagedBytesError('The batch is empty.');
  const reader = new ByteReader(section);
  const batch = createBatch(reader.count(rowsMax, 'results'));
  const { length } = batch;
  readRuns(reader, batch.outcomes, length, { max: outcomeCodes['not-sent'] });
  readRuns(reader, batch.intervalMillis, length, { max: u32Max });
  readRuns(reader, batch.details, length, { max: 0xffff });
  readSteps(reader, batch.targetIds, length, u32Max);
  readSteps(reader, batch.sentAtMillis, length, Number.MAX_SAFE_INTEGER);
  for (let index = 0; index < length; index++) {
    if (batch.outcomes[index] === outcomeCodes.reply) batch.rttMicros[index] = reader.count(u32Max, 'microseconds');
  }
  reader.expectEnd();
  return batch;
}

/** The zigzag numbers of the steps from value to value. */
function stepsOf(values: ArrayLike<number>, into: Float64Array): Float64Array {
  let previous = 0;
  for (let index = 0; index < into.length; index++) {
    const value = values[index] ?? 0;
    const step = value - previous;
    into[index] = step < 0 ? -2 * step - 1 : 2 * step;
    previous = value;
  }
  return into;
}

function readSteps(reader: ByteReader, into: { [index: number]: number }, length: number, max: number): void {
  let value = 0;
  for (let index = 0; index < length; index++) {
    value += reader.zigzag();
    if (value < 0 || value > max) throw new DamagedBytesError(`A column holds ${value}, at most ${max} can be.`);
    into[index] = value;
  }
}
