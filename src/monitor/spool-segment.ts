import { type FileHandle, open, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DamagedBytesError } from '../core/bytes.ts';
import type { Commit, StateRow } from '../storage/storage.ts';
import { decodeNews, decodeRecord, isRecordIntact, readRecordHead, recordHeadBytes } from './spool-record.ts';

const magic = 'PMDSPOOL';
const version = 1;
const sourceBytes = 36;
const segmentHeadBytes = magic.length + 1 + sourceBytes;

/** One file of the spool: commits of one source, appended at the end and read from the beginning. */
export interface Segment {
  readonly path: string;
  readonly source: string;
  /** Where the records that count end; what stands behind it was never acknowledged. */
  bytes: number;
  readFrom: number;
  commits: number;
  results: number;
}

function emptySegment(path: string, source: string): Segment {
  return { path, source, bytes: segmentHeadBytes, readFrom: segmentHeadBytes, commits: 0, results: 0 };
}

/** Makes the file durable under its name before anything is written to it. */
export async function createSegment(path: string, source: string): Promise<{ segment: Segment; file: FileHandle }> {
  const file = await open(path, 'wx', 0o600);
  try {
    const head = Buffer.concat([Buffer.from(magic), Buffer.of(version), Buffer.from(source.padEnd(sourceBytes))]);
    await writeAll(file, [head], 0);
    await file.sync();
    await syncFolder(dirname(path));
  } catch (error) {
    await file.close();
    throw error;
  }
  return { file, segment: emptySegment(path, source) };
}
/** Writes records behind the last one and waits for the disk; cuts the file back when that fails. */
export async function appendRecords(
  file: FileHandle,
  segment: Segment,
  records: readonly { readonly bytes: Uint8Array; readonly results: number }[],
): Promise<void> {
  try {
    await writeAll(
      file,
      records.map(({ bytes }) => bytes),
      segment.bytes,
    );
    await file.datasync();
  } catch (error) {
    await truncate(segment.path, segment.bytes).catch(() => undefined);
    throw error;
  }
  for (const { bytes, results } of records) {
    segment.bytes += bytes.length;
    segment.commits++;
    segment.results += results;
  }
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[], from: number): Promise<void> {
  let at = from;
  for (const chunk of chunks) {
    for (let written = 0; written < chunk.length;) {
      const { bytesWritten } = await file.write(chunk, written, chunk.length - written, at);
      if (bytesWritten === 0) throw new Error('The disk takes no more bytes.');
      written += bytesWritten;
      at += bytesWritten;
    }
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await using _ = folder;
  // Where folders cannot be synced (Windows) their entries are durable with the file.
  await folder.sync().catch(() => undefined);
}

export interface SpooledRecord {
  /** `undefined` when the disk has damaged it. */
  readonly commit: Commit | undefined;
  /** How far the next record is. */
  readonly bytes: number;
  readonly results: number;
}

/** The oldest record behind those that were read `ahead`. */
export async function readRecord(
  file: FileHandle,
  segment: Segment,
  ahead: readonly SpooledRecord[] = [],
): Promise<SpooledRecord> {
  const { source } = segment;
  const sum = (figure: 'bytes' | 'results'): number => ahead.reduce((total, record) => total + record[figure], 0);
  const readFrom = segment.readFrom + sum('bytes');
  const left = { bytes: segment.bytes - readFrom, results: segment.results - sum('results') };
  const head = readRecordHead(await readExactly(file, readFrom, recordHeadBytes));
  if (head === undefined || recordHeadBytes + head.bodyBytes > left.bytes) return { commit: undefined, ...left };
  const bytes = recordHeadBytes + head.bodyBytes;
  try {
    const commit = { source, ...decodeRecord(await readExactly(file, readFrom, bytes), head) };
    return { commit, bytes, results: head.results };
  } catch (error) {
    if (!(error instanceof DamagedBytesError)) throw error;
    return { commit: undefined, bytes, results: Math.min(head.results, left.results) };
  }
}

export interface Scanned {
  readonly segment: Segment;
  readonly states: readonly StateRow[];
  /** Bytes behind the last whole record: a write that a crash cut short. */
  readonly tornBytes: number;
}

/** Looks through a file that an earlier process left; `undefined` when it is no spool file at all. */
export async function scanSegment(path: string): Promise<Scanned | undefined> {
  const file = await open(path, 'r');
  await using _ = file;
  const { size } = await file.stat();
  const opening = await readExactly(file, 0, segmentHeadBytes);
  const text = Buffer.from(opening).toString('latin1');
  if (opening.length < segmentHeadBytes || !text.startsWith(magic) || opening[magic.length] !== version)
    return undefined;
  const source = text.slice(magic.length + 1).trim();
  const segment = emptySegment(path, source);
  const states: StateRow[] = [];
  for (;;) {
    const head = readRecordHead(await readExactly(file, segment.bytes, recordHeadBytes));
    if (head === undefined) break;
    if (segment.bytes + recordHeadBytes + head.bodyBytes > size) break;
    const bytes = await readExactly(file, segment.bytes, recordHeadBytes + head.bodyBytes);
    // A damaged record amid whole ones is told when its turn comes.
    if (isRecordIntact(bytes, head)) {
      states.push(...decodeNews(bytes.subarray(recordHeadBytes, recordHeadBytes + head.eventBytes)).states);
    }
    segment.bytes += bytes.length;
    segment.commits++;
    segment.results += head.results;
  }
  return { segment, states, tornBytes: size - segment.bytes };
}

/** Fewer bytes than asked for where the file ends. */
async function readExactly(file: FileHandle, from: number, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let length = 0;
  while (length < count) {
    const { bytesRead } = await file.read(bytes, length, count - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
