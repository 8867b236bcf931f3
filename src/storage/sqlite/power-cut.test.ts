import { mainVantage } from '../../core/ids.ts';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { batchFromRows, type ResultRow } from '../../core/result/probe-result.ts';
import { minuteMillis } from '../../core/history/time-buckets.ts';
import { createStorageThread, type StorageThread } from './thread/create-operations.ts';
import { type Database, openDatabase } from './file/database.ts';

/*
 * Power cuts, simulated: what a disk holds after one is every write before the last fsync, and of those after it any
 * part, in any order, sector by sector. SQLite has two kinds of writes between two fsyncs: the frames of a transaction
 * (to the log, made durable before the commit is acknowledged) and, in a checkpoint, pages of the log (to the database,
 * after the log is durable). So the files are copied before a transaction, after it and after the checkpoint, and a cut
 * keeps the older file with a random choice of the sectors that the newer one has changed.
 */
const cuts = Number(process.env['PMD_POWER_CUTS'] ?? 50);
const start = Date.UTC(2026, 4, 5, 12);
const retention = { rawDays: 1, minuteDays: 31, hourDays: 0 };
const sectorBytes = 512;
const targets = [1, 2, 3] as const;
const secondsPerCommit = 300;

const folder = mkdtempSync(join(tmpdir(), 'pmd-power-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Disk {
  readonly database: Buffer;
  readonly log: Buffer;
}

function read(path: string): Disk {
  const bytesOf = (name: string): Buffer => (existsSync(name) ? readFileSync(name) : Buffer.alloc(0));
  return { database: bytesOf(path), log: bytesOf(`${path}-wal`) };
}

/** The older file with the sectors of the newer one that had reached the disk. */
function torn(older: Buffer, newer: Buffer, random: () => number): Buffer {
  // From hardly anything to nearly all; sometimes only the beginning, as with a disk that keeps the order.
  const share = random();
  const isInOrder = random() < 0.5;
  const result = Buffer.alloc(Math.max(older.length, newer.length));
  older.copy(result);
  const changed: number[] = [];
  for (let at = 0; at < newer.length; at += sectorBytes) {
    const sector = newer.subarray(at, at + sectorBytes);
    if (!sector.equals(older.subarray(at, at + sectorBytes))) changed.push(at);
  }
  const kept = isInOrder
    ? changed.slice(0, Math.round(changed.length * share))
    : changed.filter(() => random() < share);
  for (const at of kept) newer.copy(result, at, at, at + sectorBytes);
  const end = Math.max(older.length, ...kept.map((at) => Math.min(at + sectorBytes, newer.length)));
  return result.subarray(0, end);
}

const logHeaderBytes = 32;

/**
 * A log that begins anew has a new header, and SQLite makes that durable before the first frame overwrites an old one:
 * old frames under the old header would otherwise be taken for the end of the log.
 */
function tornLog(older: Buffer, newer: Buffer, random: () => number): Buffer {
  const header = newer.subarray(0, logHeaderBytes);
  if (older.length === 0 || older.subarray(0, logHeaderBytes).equals(header)) return torn(older, newer, random);
  const begun = Buffer.from(older);
  header.copy(begun);
  return random() < 0.3 ? torn(older, begun, random) : torn(begun, newer, random);
}

function rowsOf(sequence: number): ResultRow[] {
  return Array.from({ length: secondsPerCommit }, (_, second) => (sequence - 1) * secondsPerCommit + second).flatMap(
    (at) =>
      targets.map((id) => ({
        targetId: id as ResultRow['targetId'],
        sentAt: start + at * 1000,
        intervalMillis: 1000,
        result: { outcome: 'reply' as const, rttMicros: 1000 + ((at * 7919 * id) % 50_000), replyTtl: 60 },
      })),
  );
}

/** How many commits a database holds, from its results; checks that each is there once and whole, and the file sound. */
function commitsIn(disk: Disk): number {
  const path = join(folder, 'after.db');
  writeFileSync(path, disk.database);
  writeFileSync(`${path}-wal`, disk.log);
  rmSync(`${path}-shm`, { force: true });
  const database = openDatabase(path);
  try {
    assert.equal(database.get('pragma integrity_check')?.['integrity_check'], 'ok');
    const { operations } = createStorageThread(database);
    const counts = targets.map((id) => {
      // Sealing and retention may have taken raw results: what they have left is counted by the hours.
      const window = { vantage: 0, from: start, to: start + 40 * 86_400_000, bucketMillis: 86_400_000 };
      return operations.readWindow({ targetId: id as ResultRow['targetId'], ...window }).sampleCount;
    });
    assert.equal(new Set(counts).size, 1, `the targets have ${counts.join(', ')} results`);
    const commits = (counts[0] ?? 0) / secondsPerCommit;
    assert.ok(Number.isInteger(commits), `${commits} commits`);
    const last = database.get(`select last_sequence from commit_sources where source = 's'`)?.['last_sequence'] ?? 0;
    assert.equal(last, commits);
    return commits;
  } finally {
    database.close();
  }
}

function write(thread: StorageThread, sequence: number): void {
  if (sequence % 3 === 0) {
    thread.operations.maintain(start + sequence * secondsPerCommit * 1000 + minuteMillis, retention);
  }
  thread.operations.append({
    source: 's',
    sequence,
    vantage: mainVantage,
    results: batchFromRows(rowsOf(sequence)),
    events: [],
  });
  thread.afterReply();
}

function addTargets(thread: StorageThread): void {
  const settings = { intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };
  thread.operations.addTargets(
    targets.map((id) => ({ ip: `192.0.2.${id}`, ...settings })),
    start,
    'x',
  );
}

function* lives(
  random: () => number,
): Generator<{ readonly disk: Disk; readonly least: number; readonly most: number }> {
  for (let life = 0; ; life++) {
    const path = join(folder, `${life}.db`);
    const database: Database = openDatabase(path);
    // The basis of all this: a commit is acknowledged after an fsync of the log.
    assert.equal(database.get('pragma synchronous')?.['synchronous'], 2);
    assert.equal(database.get('pragma journal_mode')?.['journal_mode'], 'wal');
    const thread = createStorageThread(database);
    addTargets(thread);
    for (let sequence = 1; sequence <= 400; sequence++) {
      const before = read(path);
      write(thread, sequence);
      const committed = read(path);
      if (random() < 0.3) {
        const log = tornLog(before.log, committed.log, random);
        yield { disk: { database: committed.database, log }, least: sequence - 1, most: sequence };
      }
      if (sequence % 7 !== 0) continue;
      database.get('pragma wal_checkpoint(passive)');
      const moved = read(path);
      if (random() < 0.7) {
        const pages = torn(committed.database, moved.database, random);
        yield { disk: { database: pages, log: committed.log }, least: sequence, most: sequence };
      }
    }
    database.close();
  }
}

test(
  `${cuts} power cuts: no acknowledged commit is lost, none is there in part`,
  () => {
    let state = 20_260_505;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    let done = 0;
    for (const { disk, least, most } of lives(random)) {
      const found = commitsIn(disk);
      assert.ok(found >= least && found <= most, `${found} commits after a cut, ${least} were acknowledged`);
      if (++done === cuts) return;
    }
  },
  60_000 + cuts * 1000,
);
