import { ByteReader, ByteWriter, DamagedBytesError } from './bytes.ts';
import { noCompression, packBlock, unpackBlock } from './packed-block.ts';
import { createBatch, outcomeCodes, type ResultBatch } from './probe-result.ts';
import { readRuns, writeRuns } from './runs.ts';

/** Never change what a version means: batches at rest carry it. */
const version = 1;
const rowsMax = 10_000_000;
const u32Max = 0xffff_ffff;

/** The results of one commit as they came, of many targets: quick to write, read again only after a restart. */
export function encodeBatch(batch: ResultBatch): Uint8Array {
  const { length } = batch;
  const writer = new ByteWriter(64 + length * 10);
  writer.varint(length);
  writeRuns(writer, batch.outcomes, length);
  writeRuns(writer, batch.intervalMillis, length);
  writeRuns(writer, batch.details, length);
  writeSteps(writer, batch.targetIds, length);
  writeSteps(writer, batch.sentAtMillis, length);
  for (let index = 0; index < length; index++) {
    if (batch.outcomes[index] === outcomeCodes.reply) writer.varint(batch.rttMicros[index] ?? 0);
  }
  return packBlock(version, [writer.finish()], noCompression);
}

export function decodeBatch(bytes: Uint8Array): ResultBatch {
  const [section] = unpackBlock(version, bytes, noCompression);
  if (section === undefined) throw new DamagedBytesError('The batch is empty.');
  const reader = new ByteReader(section);
  const batch = createBatch(reader.count(rowsMax, 'results'));
  const { length } = batch;
  readRuns(reader, batch.outcomes, length, outcomeCodes['not-sent']);
  readRuns(reader, batch.intervalMillis, length, u32Max);
  readRuns(reader, batch.details, length, 0xffff);
  readSteps(reader, batch.targetIds, length, u32Max);
  readSteps(reader, batch.sentAtMillis, length, Number.MAX_SAFE_INTEGER);
  for (let index = 0; index < length; index++) {
    if (batch.outcomes[index] === outcomeCodes.reply) batch.rttMicros[index] = reader.count(u32Max, 'microseconds');
  }
  reader.expectEnd();
  return batch;
}

function writeSteps(writer: ByteWriter, values: ArrayLike<number>, length: number): void {
  let previous = 0;
  for (let index = 0; index < length; index++) {
    const value = values[index] ?? 0;
    writer.zigzag(value - previous);
    previous = value;
  }
}

function readSteps(reader: ByteReader, into: { [index: number]: number }, length: number, max: number): void {
  let value = 0;
  for (let index = 0; index < length; index++) {
    value += reader.zigzag();
    if (value < 0 || value > max) throw new DamagedBytesError(`A column holds ${value}, at most ${max} can be.`);
    into[index] = value;
  }
}
