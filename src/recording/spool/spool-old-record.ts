import { crc32 } from '../../core/bytes/checksum.ts';
import { type Cursor, type Found, type WholeRecord, nothingFound } from './spool-cursor.ts';

/**
 * The records of 1.0.0-rc.1, as little-endian u32: length of what follows the head, checksum of everything after itself,
 * sequence, number of results, length of the events. The checksum does not cover the length.
 */
export const oldHeadBytes = 20;
const checkedFrom = 8;
/** What every batch begins with. */
const batchVersion = 1;
/** Missing between two neighbours; more is no sequence but noise. */
const sequencesMissingMax = 1_000_000;

interface OldHead {
  readonly bodyBytes: number;
  readonly checksum: number;
  readonly sequence: number;
  readonly results: number;
  readonly eventBytes: number;
}

function readHead(bytes: Uint8Array, at: number): OldHead | undefined {
  if (at + oldHeadBytes > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, oldHeadBytes);
  const number = (index: number): number => view.getUint32(4 * index, true);
  return { bodyBytes: number(0), checksum: number(1), sequence: number(2), results: number(3), eventBytes: number(4) };
}

/** `undefined` if the bytes cannot be the head of a record. */
export function oldRecordLength(head: Uint8Array): number | undefined {
  const bodyBytes = readHead(head, 0)?.bodyBytes ?? 0;
  return bodyBytes === 0 ? undefined : oldHeadBytes + bodyBytes;
}

/** A whole record from `at` to `end`, or as long as its head says. */
function recordAt(bytes: Uint8Array, at: number, { sequence }: Cursor, end?: number): WholeRecord | undefined {
  // Most positions end here, quickly; every byte of a large file may be tried.
  const missing = sequenceAt(bytes, at) - sequence;
  const head = missing > 0 && missing <= sequencesMissingMax ? readHead(bytes, at) : undefined;
  if (head === undefined) return undefined;
  const recordEnd = end ?? at + oldHeadBytes + head.bodyBytes;
  const batchAt = at + oldHeadBytes + head.eventBytes;
  if (recordEnd > bytes.length || batchAt >= recordEnd || bytes[batchAt] !== batchVersion) return undefined;
  if (crc32(bytes, at + checkedFrom, recordEnd) !== head.checksum) return undefined;
  const news = bytes.subarray(at + oldHeadBytes, batchAt);
  const batch = bytes.subarray(batchAt, recordEnd);
  return { source: undefined, sequence: head.sequence, results: head.results, news, batch };
}

function sequenceAt(bytes: Uint8Array, at: number): number {
  const [low = 0, second = 0, third = 0, high = 0] = [bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11]];
  return low + second * 0x100 + third * 0x1_0000 + high * 0x100_0000;
}

const endOf = (at: number, { news, batch }: WholeRecord): number => at + oldHeadBytes + news.length + batch.length;

/** As `findRecord`, for the format of 1.0.0-rc.1. */
export function findOldRecord(bytes: Uint8Array, cursor: Cursor): Found {
  let at = 0;
  let record = recordAt(bytes, 0, cursor);
  while (record === undefined && at < bytes.length) record = recordAt(bytes, ++at, cursor);
  if (at > 0) {
    // Perhaps only its length is wrong.
    const first = recordAt(bytes, 0, cursor, at);
    if (first !== undefined) return { ...found(cursor, first, 0, 0), skippedBytes: 1 };
  }
  const head = readHead(bytes, 0);
  const isPlausible = head?.sequence === cursor.sequence + 1;
  // Each result takes at least two bytes.
  const lostResults = at > 0 && isPlausible ? Math.min(head.results, Math.floor(at / 2)) : 0;
  if (record === undefined) return nothingFound(cursor, bytes.length, lostResults);
  return found(cursor, record, at, lostResults);
}

function found(cursor: Cursor, record: WholeRecord, at: number, lostResults: number): Found {
  const accounted = cursor.accounted + lostResults + record.results;
  const next = { at: cursor.at + endOf(at, record), accounted, sequence: record.sequence };
  return { record, lostResults, skippedBytes: at, next };
}
