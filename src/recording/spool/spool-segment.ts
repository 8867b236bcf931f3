import { type FileHandle, open, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeBatch } from '../../core/result/batch-codec.ts';
import { DamagedBytesError } from '../../core/bytes/bytes.ts';
import type { VantageId } from '../../core/ids.ts';
import type { Commit, StateRow } from '../../storage/storage.ts';
import type { Cursor, Found, WholeRecord } from './spool-cursor.ts';
import { readRange } from './spool-file.ts';
import { decodeNews } from './spool-news.ts';
import { findOldRecord, oldHeadBytes, oldRecordLength } from './spool-old-record.ts';
import { findRecord, frameBytes, hasFrames, recordLength, sealRecord } from './spool-record.ts';

const magic = 'PMDSPOOL';
const version = 2;
/** Of 1.0.0-rc.1. */
const oldVersion = 1;
const sourceBytes = 36;
const segmentHeadBytes = magic.length + 1 + sourceBytes;
/** How much is searched for the next whole record at first; then four times as much, and so on. */
const searchBytes = 64 * 1024;

/** One file of the spool: commits of one source, appended at the end and read from the beginning. */
export interface Segment {
  readonly path: string;
  readonly source: string;
  readonly isOld: boolean;
  /** Where the valid records end; what follows was never acknowledged. */
  bytes: number;
  /** How far it is drained. */
  read: Cursor;
  commits: number;
  results: number;
  /** All that were ever appended to it. */
  appended: number;
  /** The file is kept after everything readable has been stored. */
  isDamaged: boolean;
}

function emptySegment(path: string, source: string, isOld = false): Segment {
  const read = { at: segmentHeadBytes, accounted: 0, sequence: 0 };
  const figures = { bytes: segmentHeadBytes, commits: 0, results: 0, appended: 0 };
  return { path, source, isOld, read, ...figures, isDamaged: false };
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

/** Writes records after the last one and waits for the disk; truncates the file again if that fails. */
export async function appendRecords(
  file: FileHandle,
  segment: Segment,
  records: readonly { readonly bytes: Uint8Array; readonly results: number }[],
): Promise<void> {
  let { appended } = segment;
  for (const { bytes, results } of records) {
    sealRecord(bytes, appended);
    appended += results;
  }
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
  segment.appended = appended;
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
  // Where folders cannot be synced (Windows), their entries are durable with the file.
  await folder.sync().catch(() => undefined);
}

export interface SpooledRecord extends Omit<Found, 'record'> {
  /** `undefined` if there is no whole one up to the end. */
  readonly commit: Commit | undefined;
}

/** The next whole record from `cursor` on, past whatever is damaged. */
export async function readRecord(
  file: FileHandle,
  segment: Segment,
  cursor: Cursor,
  vantage: VantageId,
): Promise<SpooledRecord> {
  const { record, ...found } = await findNext(file, segment, cursor);
  return { ...found, commit: record && commitOf(record, segment, vantage) };
}

async function findNext(file: FileHandle, { bytes, isOld }: Segment, cursor: Cursor): Promise<Found> {
  const find = isOld ? findOldRecord : findRecord;
  const left = bytes - cursor.at;
  const head = await readRange(file, cursor.at, Math.min(left, isOld ? oldHeadBytes : frameBytes));
  const length = (isOld ? oldRecordLength(head) : recordLength(head)) ?? left + 1;
  if (length <= left) {
    const found = find(await readRange(file, cursor.at, length), cursor);
    if (found.record !== undefined && found.skippedBytes === 0) return found;
  }
  // Old records have no mark to search for, so only the whole rest shows which length was wrong.
  for (let count = isOld ? left : searchBytes; ; count *= 4) {
    const isAll = count >= left;
    const found = find(await readRange(file, cursor.at, isAll ? left : count), cursor);
    if (isAll || found.record !== undefined) return found;
  }
}

function commitOf({ source, sequence, news, batch }: WholeRecord, segment: Segment, vantage: VantageId): Commit {
  const common = { vantage, source: source ?? segment.source, sequence, results: decodeBatch(batch) };
  try {
    return { ...common, ...decodeNews(news, vantage) };
  } catch (error) {
    if (!(error instanceof DamagedBytesError)) throw error;
    // Another version wrote them; its results count all the same.
    return { ...common, events: [], states: [] };
  }
}

export interface Scanned {
  readonly segment: Segment;
  readonly states: readonly StateRow[];
  /** Results that can no longer be read, as far as can be told from what is left of the file. */
  readonly lostResults: number;
  /** Bytes that belong to no whole record. */
  readonly skippedBytes: number;
}

/** Scans a file that an earlier process left; `undefined` if it is not a spool file at all. */
export async function scanSegment(path: string, vantage: VantageId): Promise<Scanned | undefined> {
  const file = await open(path, 'r');
  await using _ = file;
  const { size } = await file.stat();
  const opening = await readOpening(file, size);
  if (opening === undefined) return undefined;
  const segment: Segment = { ...emptySegment(path, opening.source, opening.isOld), bytes: size };
  const states: StateRow[] = [];
  let skippedBytes = opening.isDamaged ? Math.min(size, segmentHeadBytes) : 0;
  let lostResults = 0;
  for (let cursor = segment.read; cursor.at < size;) {
    const { commit, next, ...found } = await readRecord(file, segment, cursor, vantage);
    skippedBytes += found.skippedBytes;
    lostResults += found.lostResults;
    cursor = next;
    if (commit === undefined) break;
    states.push(...(commit.states ?? []));
    segment.commits++;
    segment.results += commit.results.length;
  }
  segment.isDamaged = skippedBytes > 0 || lostResults > 0;
  return { segment, states, lostResults, skippedBytes };
}

/** Damage at the beginning costs nothing if the records say enough. */
async function readOpening(
  file: FileHandle,
  size: number,
): Promise<{ readonly source: string; readonly isOld: boolean; readonly isDamaged: boolean } | undefined> {
  const opening = await readRange(file, 0, Math.min(size, segmentHeadBytes));
  const text = Buffer.from(opening).toString('latin1');
  const source = text.slice(magic.length + 1).trim();
  const isWhole = opening.length === segmentHeadBytes && text.startsWith(magic);
  const found = opening[magic.length];
  if (isWhole && (found === version || found === oldVersion)) {
    return { source, isOld: found === oldVersion, isDamaged: false };
  }
  if (hasFrames(await readRange(file, 0, size))) return { source, isOld: false, isDamaged: true };
  return /^[\da-f-]{36}$/.test(source) ? { source, isOld: true, isDamaged: true } : undefined;
}
