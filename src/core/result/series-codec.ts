import { ByteReader, ByteWriter, DamagedBytesError } from '../bytes/bytes.ts';
import { checkBlock, type Compressor, packBlock, unpackBlock } from '../bytes/packed-block.ts';
import { outcomeCodes } from './probe-result.ts';
import { decodeRtts, encodeRtts } from './rtt-column.ts';
import { readRuns, readTimes, writeRuns, writeTimes } from '../bytes/runs.ts';
import { createSeries, type Series } from './series.ts';

/** Never change what a version means: stored blocks carry it. */
const version = 1;
const rowsMax = 40_000_000;

/** `series`: in time order. */
export function encodeSeries(series: Series, compressor: Compressor): Uint8Array {
  const { length } = series;
  const head = new ByteWriter();
  head.varint(length);
  writeTimes(head, series.sentAtMillis, length);
  writeRuns(head, series.outcomes, length);
  writeRuns(head, series.details, length);
  writeRuns(head, series.intervalMillis, length);
  const rtts = encodeRtts(head, replyRtts(series));
  return packBlock(version, [head.finish(), ...rtts], compressor);
}

function replyRtts({ outcomes, rttMicros, length }: Series): Uint32Array {
  const rtts = new Uint32Array(length);
  let count = 0;
  for (let index = 0; index < length; index++) {
    if (outcomes[index] === outcomeCodes.reply) rtts[count++] = rttMicros[index] ?? 0;
  }
  return rtts.subarray(0, count);
}

/** Throws as `decodeSeries` does, for what the checksum shows. */
export const checkSeries = (bytes: Uint8Array, compressor: Compressor): void =>
  checkBlock([version], bytes, compressor);

export function decodeSeries(bytes: Uint8Array, compressor: Compressor): Series {
  const [headBytes, ...sections] = unpackBlock(version, bytes, compressor);
  if (headBytes === undefined) throw new DamagedBytesError('The block of results has no head.');
  const head = new ByteReader(headBytes);
  const series = createSeries(head.count(rowsMax, 'results'));
  const { length, outcomes, rttMicros } = series;
  readTimes(head, series.sentAtMillis, length);
  readRuns(head, outcomes, length, { max: outcomeCodes['not-sent'] });
  readRuns(head, series.details, length, { max: 0xffff });
  readRuns(head, series.intervalMillis, length, { max: 0xffff_ffff });
  let replies = 0;
  for (let index = 0; index < length; index++) if (outcomes[index] === outcomeCodes.reply) replies++;
  const rtts = decodeRtts(head, sections, replies);
  head.expectEnd();
  let at = 0;
  for (let index = 0; index < length; index++) {
    if (outcomes[index] === outcomeCodes.reply) rttMicros[index] = rtts[at++] ?? 0;
  }
  return series;
}
