import { z } from 'zod';
import { decodeBatch, encodeBatch } from '../core/batch-codec.ts';
import { DamagedBytesError } from '../core/bytes.ts';
import { crc32 } from '../core/checksum.ts';
import { type NewEvent, eventTypes } from '../core/event.ts';
import { parseTargetId, thisServer } from '../core/ids.ts';
import { eventFromOld } from '../core/old-event.ts';
import type { Commit, StateRow } from '../storage/storage.ts';

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

const targetId = z.number().transform((value, context) => {
  const id = parseTargetId(value);
  if (id !== undefined) return id;
  context.addIssue({ code: 'custom', message: 'is no id' });
  return z.NEVER;
});
const common = { targetId, type: z.enum(eventTypes), createdAt: z.number() };
/** 1.0.0-rc.1 wrote a list of events that had sentences only. */
const oldEvents = z.array(z.object({ ...common, message: z.string() }));
const news = z.object({
  events: z.array(z.object({ ...common, data: z.record(z.string(), z.unknown()), message: z.string().optional() })),
  states: z.array(
    z.object({
      targetId,
      vantage: z.int(),
      state: z.enum(['up', 'degraded', 'down', 'not-sent', 'pending', 'paused']),
      since: z.number(),
      phase: z.enum(['unknown', 'up', 'down']),
      phaseSince: z.number().nullable(),
      errno: z.number().nullable(),
    }),
  ),
});

/** What 1.0.0-rc.1 did not write: the state that follows from an event. */
function stateAfterEvent({ targetId, type, data, createdAt }: NewEvent): readonly StateRow[] {
  if (type !== 'down' && type !== 'recovery') return [];
  const since = type === 'down' ? (data.since ?? createdAt) : createdAt;
  const state = type === 'down' ? 'down' : 'up';
  return [{ targetId, vantage: thisServer, state, since, phase: state, phaseSince: since, errno: null }];
}

/** What a commit holds beside its results. */
export type News = Required<Pick<Commit, 'events' | 'states'>>;

/** One commit as it stands in a spool file; its source stands at the beginning of the file. */
export function encodeRecord({ sequence, results, events, states = [] }: Omit<Commit, 'source'>): Uint8Array {
  const isSilent = events.length === 0 && states.length === 0;
  const eventText = isSilent ? new Uint8Array() : new TextEncoder().encode(JSON.stringify({ events, states }));
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
  return { sequence: head.sequence, results, ...decodeNews(bytes.subarray(recordHeadBytes, batchFrom)) };
}

export function decodeNews(bytes: Uint8Array): News {
  if (bytes.length === 0) return { events: [], states: [] };
  const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (Array.isArray(json)) {
    const old = oldEvents.safeParse(json);
    if (old.success) {
      const events = old.data.map(eventFromOld);
      return { events, states: events.flatMap(stateAfterEvent) };
    }
  } else {
    const parsed = news.safeParse(json);
    if (parsed.success) return { events: parsed.data.events as unknown as NewEvent[], states: parsed.data.states };
  }
  throw new DamagedBytesError('The events of a spooled commit cannot be read.');
}
