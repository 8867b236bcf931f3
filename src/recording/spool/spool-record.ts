import { encodeBatch } from '../../core/result/batch-codec.ts';
import { crc32 } from '../../core/bytes/checksum.ts';
import type { Commit } from '../../storage/storage.ts';
import { encodeNews } from './spool-news.ts';
import { type Cursor, type Found, nothingFound } from './spool-cursor.ts';

/**
 * A frame precedes and follows each body, so that either end of a record suffices to find and check it: magic, H or T, source,
 * then as little-endian u32: length of the body, length of the events at its beginning, sequence, number of results, results
 * before it in the file, checksum of the body, checksum of the frame up to here.
 */
export const frameBytes = 72;
const magic = Buffer.from('\u0089PMDREC', 'latin1');
const [headLetter, tailLetter] = [0x48, 0x54];
const sourceAt = 8;
const numbersAt = 44;
const [resultsBeforeAt, frameChecksumAt] = [numbersAt + 16, numbersAt + 24];

interface Frame {
  readonly isHead: boolean;
  readonly source: string;
  readonly bodyBytes: number;
  readonly eventBytes: number;
  readonly sequence: number;
  readonly results: number;
  readonly resultsBefore: number;
  readonly bodyChecksum: number;
}

/** One commit as in a spool file, to be completed by `sealRecord`. */
export function encodeRecord({ source, sequence, results, events, states = [] }: Commit): Uint8Array {
  const news = encodeNews({ events, states });
  const body = Buffer.concat([news, encodeBatch(results)]);
  const frame = new Uint8Array(frameBytes);
  frame.set(magic);
  frame.set(Buffer.from(source.padEnd(numbersAt - sourceAt), 'latin1'), sourceAt);
  const numbers = [body.length, news.length, sequence, results.length, 0, crc32(body)];
  const view = new DataView(frame.buffer);
  for (const [index, value] of numbers.entries()) view.setUint32(numbersAt + 4 * index, value, true);
  return new Uint8Array(Buffer.concat([frame, body, frame]));
}

/** Writes into both frames how many results precede this record in its file, and their checksums. */
export function sealRecord(record: Uint8Array, resultsBefore: number): void {
  const ends = [
    { at: 0, letter: headLetter },
    { at: record.length - frameBytes, letter: tailLetter },
  ];
  for (const { at, letter } of ends) {
    const view = new DataView(record.buffer, record.byteOffset + at, frameBytes);
    view.setUint8(magic.length, letter);
    view.setUint32(resultsBeforeAt, resultsBefore, true);
    view.setUint32(frameChecksumAt, crc32(record, at, at + frameChecksumAt), true);
  }
}

/** `undefined` unless there is a whole frame. */
function readFrame(bytes: Uint8Array, at: number): Frame | undefined {
  if (at < 0 || at + frameBytes > bytes.length) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset + at, frameBytes);
  if (buffer.compare(magic, 0, magic.length, 0, magic.length) !== 0) return undefined;
  if (buffer.readUInt32LE(frameChecksumAt) !== crc32(buffer, 0, frameChecksumAt)) return undefined;
  const number = (index: number): number => buffer.readUInt32LE(numbersAt + 4 * index);
  return {
    isHead: buffer[magic.length] === headLetter,
    source: buffer.toString('latin1', sourceAt, numbersAt).trimEnd(),
    ...{ bodyBytes: number(0), eventBytes: number(1), sequence: number(2) },
    ...{ results: number(3), resultsBefore: number(4), bodyChecksum: number(5) },
  };
}

export function hasFrames(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(magic);
}

/** How many bytes the record with this head takes; `undefined` if it is not one. */
export function recordLength(head: Uint8Array): number | undefined {
  const frame = readFrame(head, 0);
  return frame?.isHead === true ? 2 * frameBytes + frame.bodyBytes : undefined;
}

/** The next whole record in `bytes`, which begin at the cursor, and what is lost before it. */
export function findRecord(bytes: Uint8Array, cursor: Cursor): Found {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let { accounted, sequence } = cursor;
  let lostResults = 0;
  for (let at = buffer.indexOf(magic); at >= 0; at = buffer.indexOf(magic, at + 1)) {
    const frame = readFrame(bytes, at);
    // The other end of a record that was found before.
    if (frame === undefined || frame.sequence <= sequence) continue;
    lostResults += Math.max(0, frame.resultsBefore - accounted);
    accounted = frame.resultsBefore + frame.results;
    sequence = frame.sequence;
    const bodyAt = frame.isHead ? at + frameBytes : at - frame.bodyBytes;
    const bodyEnd = bodyAt + frame.bodyBytes;
    const body = bytes.subarray(Math.max(0, bodyAt), bodyEnd);
    if (body.length !== frame.bodyBytes || crc32(body) !== frame.bodyChecksum) {
      lostResults += frame.results;
      continue;
    }
    const end = readFrame(bytes, bodyEnd)?.isHead === false ? bodyEnd + frameBytes : bodyEnd;
    const { source, results, eventBytes } = frame;
    const record = { source, sequence, results, news: body.subarray(0, eventBytes), batch: body.subarray(eventBytes) };
    const frames = frame.isHead && end > bodyEnd ? 2 : 1;
    const skippedBytes = end - frame.bodyBytes - frames * frameBytes;
    return { record, lostResults, skippedBytes, next: { at: cursor.at + end, accounted, sequence } };
  }
  return nothingFound(cursor, bytes.length, lostResults);
}
