import { z } from 'zod';
import { decodeBatch, encodeBatch } from '../core/batch-codec.ts';
import { DamagedBytesError } from '../core/bytes.ts';
import { crc32 } from '../core/checksum.ts';
import { eventTypes } from '../core/event.ts';
import { parseTargetId } from '../core/ids.ts';
import type { Commit } from '../storage/storage.ts';

/** Length of what follows the head, checksum of all after itself, sequence, number of results, length of the events. */
export const recordHeadBytes = 20;
const checkedFrom = 8;
/** A commit holds about a second: far below it at any rate that we can probe. */
const recordBytesMax = 256 * 1024 * 1024;

export interface RecordHead {
  readonly bodyBytes: number;
  readonly checksum: number;
  readonly sequence: number;
  readonly results: number;
  readonly eventBytes: number;
}

const events = z.array(
  z.object({
    targetId: z.number().transform((value, context) => {
      const id = parseTargetId(value);
      if (id !== undefined) return id;
      context.addIssue({ code: 'custom', message: 'is no id' });
      return z.NEVER;
    }),
    type: z.enum(eventTypes),
    message: z.string(),
    createdAt: z.number(),
  }),
);

/** One commit as it stands in a spool file; its source stands at the beginning of the file. */
export function encodeRecord({ sequence, results, events }: Omit<Commit, 'source'>): Uint8Array {
  const eventText = events.length === 0 ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(events));
  const batch = encodeBatch(results);
  const bytes = new Uint8Array(recordHeadBytes + eventText.length + batch.length);
  const head = new DataView(bytes.buffer);
  head.setUint32(0, eventText.length + batch.length, true);
  head.setUint32(8, sequence, true);
  head.setUint32(12, results.length, true);
  head.setUint32(16, eventText.length, true);
  bytes.set(eventText, recordHeadBytes);
  bytes.set(batch, recordHeadBytes + eventText.length);
  head.setUint32(4, crc32(bytes, checkedFrom), true);
  return bytes;
}

/** `undefined` when the bytes cannot be the head of a record. */
export function readRecordHead(bytes: Uint8Array): RecordHead | undefined {
  if (bytes.length < recordHeadBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, recordHeadBytes);
  const [bodyBytes, checksum, sequence, results, eventBytes] = [0, 4, 8, 12, 16].map((at) => view.getUint32(at, true));
  if (bodyBytes === undefined || checksum === undefined || sequence === undefined) return undefined;
  if (results === undefined || eventBytes === undefined) return undefined;
  if (bodyBytes === 0 || bodyBytes > recordBytesMax || eventBytes > bodyBytes) return undefined;
  return { bodyBytes, checksum, sequence, results, eventBytes };
}

export function isRecordIntact(bytes: Uint8Array, { checksum, bodyBytes }: RecordHead): boolean {
  return bytes.length === recordHeadBytes + bodyBytes && crc32(bytes, checkedFrom) === checksum;
}

/** Throws `DamagedBytesError` for anything but what `encodeRecord` wrote. */
export function decodeRecord(bytes: Uint8Array, head: RecordHead): Omit<Commit, 'source'> {
  if (!isRecordIntact(bytes, head)) throw new DamagedBytesError('The checksum of a spooled commit is wrong.');
  const batchFrom = recordHeadBytes + head.eventBytes;
  const results = decodeBatch(bytes.subarray(batchFrom));
  return { sequence: head.sequence, results, events: decodeEvents(bytes.subarray(recordHeadBytes, batchFrom)) };
}

export function decodeEvents(bytes: Uint8Array): Commit['events'] {
  if (bytes.length === 0) return [];
  const parsed = events.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  if (!parsed.success) throw new DamagedBytesError('The events of a spooled commit are no events.');
  return parsed.data;
}
