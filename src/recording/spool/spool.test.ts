import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { encodeBatch } from '../../core/result/batch-codec.ts';
import { crc32 } from '../../core/bytes/checksum.ts';
import { seenEvent } from '../../core/event/event.ts';
import { type TargetId, mainVantage } from '../../core/ids.ts';
import { batchFromRows } from '../../core/result/probe-result.ts';
import type { Commit } from '../../storage/storage.ts';
import { usualGroup } from './commit-group.ts';
import { type Spool, openSpool } from './spool.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pmd-spool-'))));
afterEach(() => rm(spoolFolder(), { recursive: true, force: true }));
afterAll(() => rm(folder, { recursive: true, force: true }));

const spoolFolder = (): string => join(folder, 'spool');
const firstFile = (): string => join(spoolFolder(), '0000000001.spool');
const source = '6f1c0a52-54f1-4a52-9b0a-0d5f4c5f7a11';
const startAt = Date.UTC(2026, 10, 23, 12);
const maxBytes = 1024 * 1024;

/** Second by second, `sequence` results each; every third has an event, too. */
function commitOf(sequence: number): Commit {
  const rows = Array.from({ length: sequence }, (_, index) => ({
    targetId: (index + 1) as TargetId,
    sentAt: startAt + sequence * 1000,
    intervalMillis: 1000,
    result: { outcome: 'reply', rttMicros: 500 + index, replyTtl: 64 } as const,
  }));
  const down = seenEvent(
    { targetId: 1 as TargetId, vantage: mainVantage },
    'down',
    { since: startAt, lostProbes: sequence },
    startAt,
  );
  return {
    source,
    sequence,
    vantage: mainVantage,
    results: batchFromRows(rows),
    events: sequence % 3 === 0 ? [down] : [],
    states: [],
  };
}

const commits = [1, 2, 3, 4, 5, 6].map(commitOf);
const resultsOf = (sequences: readonly number[]): number => sequences.reduce((sum, sequence) => sum + sequence, 0);

async function withSpool<T>(use: (spool: Spool, notices: string[]) => Promise<T>): Promise<T> {
  const notices: string[] = [];
  await using spool = await openSpool({
    folder: spoolFolder(),
    vantage: mainVantage,
    maxBytes,
    onNotice: (text) => notices.push(text),
  });
  return await use(spool, notices);
}

interface Drained {
  readonly sequences: readonly number[];
  readonly events: readonly number[];
  readonly lostResults: number;
  readonly notices: readonly string[];
  readonly files: readonly string[];
}

/** What the next start finds and stores. */
function drain(onOpen: (spool: Spool) => Promise<void> = async () => {}): Promise<Drained> {
  return withSpool(async (spool, notices) => {
    await onOpen(spool);
    const all: Commit[] = [];
    for (let group = await spool.peek(usualGroup); group.length > 0; group = await spool.peek(usualGroup)) {
      all.push(...group);
      await spool.drop(group.at(-1) ?? commitOf(1));
    }
    expect([spool.commits, spool.results, spool.bytes]).toEqual([0, 0, 0]);
    for (const commit of all) expect(commit).toMatchObject({ source, results: { length: commit.sequence } });
    const files = await readdir(spoolFolder()).catch(() => []);
    const events = all.flatMap((commit) => commit.events.map(() => commit.sequence));
    return { sequences: all.map((commit) => commit.sequence), events, lostResults: spool.lostResults, notices, files };
  });
}

async function spooled(): Promise<Buffer> {
  await rm(spoolFolder(), { recursive: true, force: true });
  await withSpool(async (spool) => void (await spool.append(commits)));
  return await readFile(firstFile());
}

async function leave(bytes: Uint8Array): Promise<void> {
  await rm(spoolFolder(), { recursive: true, force: true });
  await mkdir(spoolFolder());
  await writeFile(firstFile(), bytes);
}

/** Where each record begins, and the last ends. */
function recordEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf('PMDRECH'); at >= 0; at = bytes.indexOf('PMDRECH', at + 1)) ends.push(at - 1);
  return [...ends, bytes.length];
}

const all = commits.map(({ sequence }) => sequence);

type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'zero' | 'delete'; readonly at: number; readonly count: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array };

function damaged(bytes: Buffer, damage: Damage): Buffer {
  const copy = Buffer.from(bytes);
  const { at } = damage;
  if (damage.kind === 'flip') copy[at] = (copy[at] ?? 0) ^ (1 << damage.bit);
  if (damage.kind === 'zero') copy.fill(0, at, Math.min(copy.length, at + damage.count));
  if (damage.kind === 'delete') return Buffer.concat([copy.subarray(0, at), copy.subarray(at + damage.count)]);
  if (damage.kind === 'insert') return Buffer.concat([copy.subarray(0, at), damage.bytes, copy.subarray(at)]);
  return copy;
}

test('any single flipped bit loses at most its record, and the loss is counted and reported', async () => {
  const bytes = await spooled();
  const ends = recordEnds(bytes);
  for (let at = 0; at < bytes.length; at += at % 2 === 0 ? 7 : 4) {
    await leave(damaged(bytes, { kind: 'flip', at, bit: at % 8 }));
    const { sequences, lostResults, notices, files } = await drain();
    const hit = ends.findLastIndex((end) => end <= at) + 1;
    const missing = all.filter((sequence) => !sequences.includes(sequence));
    expect(missing.filter((sequence) => sequence !== hit)).toEqual([]);
    expect(lostResults).toBe(resultsOf(missing));
    // The source in the opening is for people only.
    const isTold = at < 9 || at >= (ends[0] ?? 0);
    expect(files).toEqual(isTold ? ['0000000001.spool.unreadable'] : []);
    const text = missing.length === 0 ? 'no complete result is missing' : `${hit} results are lost`;
    expect(notices.join('\n').includes(text)).toBe(isTold);
  }
}, 60_000);

test('a flipped bit in a frame of a record costs nothing: its other end says the same', async () => {
  const bytes = await spooled();
  const [, second = 0] = recordEnds(bytes);
  // The length of the body, which took the rest of the file with it.
  await leave(damaged(bytes, { kind: 'flip', at: second + 46, bit: 3 }));
  expect(await drain()).toMatchObject({ sequences: all, events: [3, 6], lostResults: 0 });
});

test('zeroed, missing and extra bytes: every whole record is stored once, every other is counted', async () => {
  const bytes = await spooled();
  const ends = recordEnds(bytes);
  const at = fc.integer({ min: ends[0] ?? 0, max: bytes.length - 1 });
  const count = fc.integer({ min: 1, max: 400 });
  const damage: fc.Arbitrary<Damage> = fc.oneof(
    fc.record({ kind: fc.constantFrom('zero' as const, 'delete' as const), at, count }),
    fc.record({ kind: fc.constant('insert' as const), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
    // A repetition of what precedes it, as left by a write that was repeated at the wrong place.
    at.map((here) => ({ kind: 'insert' as const, at: here, bytes: bytes.subarray(Math.max(0, here - 500), here) })),
  );
  await fc.assert(
    fc.asyncProperty(damage, async (one) => {
      await leave(damaged(bytes, one));
      const { sequences, lostResults } = await drain();
      expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
      expect(new Set(sequences).size).toBe(sequences.length);
      const end = one.kind === 'zero' || one.kind === 'delete' ? one.at + one.count : one.at;
      const untouched = all.filter((sequence) => (ends[sequence] ?? 0) <= one.at || (ends[sequence - 1] ?? 0) >= end);
      expect(untouched.filter((sequence) => !sequences.includes(sequence))).toEqual([]);
      const missing = all.filter((sequence) => !sequences.includes(sequence));
      // If nothing is left of the last records, nothing says how many results they contained.
      const isLastThere = sequences.includes(all.length);
      expect(isLastThere ? lostResults : resultsOf(missing)).toBe(resultsOf(missing));
      expect(lostResults).toBeLessThanOrEqual(resultsOf(missing));
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('a file truncated anywhere gives every record before, and what is missing of the last one is counted', async () => {
  const bytes = await spooled();
  const ends = recordEnds(bytes);
  const frame = 72;
  for (let length = ends[0] ?? 0; length < bytes.length; length += 5) {
    await leave(bytes.subarray(0, length));
    const { sequences, lostResults, notices } = await drain();
    const whole = ends.findLastIndex((end) => end <= length);
    const begun = ends[whole] ?? 0;
    const bodyEnd = (ends[whole + 1] ?? 0) - frame;
    expect(sequences).toEqual(all.slice(0, whole + (length >= bodyEnd ? 1 : 0)));
    expect(lostResults).toBe(length >= begun + frame && length < bodyEnd ? whole + 1 : 0);
    const isTold = length !== begun && length !== bodyEnd;
    expect(notices.join('\n').includes('was damaged or cut short')).toBe(isTold);
  }
}, 60_000);

test('what is damaged, truncated or removed while the process runs is counted when it is read', async () => {
  const bytes = await spooled();
  const [first = 0, second = 0, third = 0] = recordEnds(bytes);
  const inBody = Math.floor((second + third) / 2);
  const flipped = await drain(() => writeFile(firstFile(), damaged(bytes, { kind: 'flip', at: inBody, bit: 0 })));
  expect(flipped).toMatchObject({ sequences: [1, 3, 4, 5, 6], lostResults: 2, files: ['0000000001.spool.unreadable'] });
  expect(flipped.notices.join('\n')).toContain('was damaged by the disk: 2 results in it are lost.');
  await leave(bytes);
  expect(await drain(() => writeFile(firstFile(), bytes.subarray(0, third)))).toMatchObject({
    ...{ sequences: [1, 2], lostResults: resultsOf([3, 4, 5, 6]) },
  });
  await leave(bytes);
  const removed = await drain(() => rm(firstFile()));
  expect(removed).toMatchObject({ sequences: [], lostResults: resultsOf(all), files: [] });
  expect(removed.notices.join('\n')).toContain('0000000001.spool is gone: 21 results in it are lost.');
  expect(first).toBeGreaterThan(0);
});

/** A file as 1.0.0-rc.1 wrote it; `lengthsOff` is added to the unchecked length of the record with that sequence. */
function oldFile(lengthsOff: Readonly<Record<number, number>> = {}): Buffer {
  const records = commits.map(({ sequence, results, events }) => {
    const sentences = events.map(({ targetId, type, createdAt }) => ({
      ...{ targetId, type, createdAt },
      message: '5 probes in a row were lost since 2026-11-23T12:00:00.000Z',
    }));
    const news = Buffer.from(events.length === 0 ? '' : JSON.stringify(sentences));
    const body = Buffer.concat([news, encodeBatch(results)]);
    const head = Buffer.alloc(20);
    head.writeUInt32LE(body.length + (lengthsOff[sequence] ?? 0), 0);
    head.writeUInt32LE(sequence, 8);
    head.writeUInt32LE(results.length, 12);
    head.writeUInt32LE(news.length, 16);
    const record = Buffer.concat([head, body]);
    record.writeUInt32LE(crc32(record, 8), 4);
    return record;
  });
  return Buffer.concat([Buffer.from('PMDSPOOL\u0001'), Buffer.from(source), ...records]);
}

test('a spool of 1.0.0-rc.1 is read, even past a length with a flipped bit', async () => {
  await leave(oldFile());
  expect(await drain()).toMatchObject({ sequences: all, events: [3, 6], lostResults: 0, files: [] });
  for (const off of [1, -1, 4096, 0x4000_0000]) {
    for (const sequence of [1, 4, 6]) {
      await leave(oldFile({ [sequence]: off }));
      expect(await drain()).toMatchObject({ sequences: all, events: [3, 6], lostResults: 0 });
    }
  }
});

test('a damaged record in a spool of 1.0.0-rc.1 affects only itself and is counted', async () => {
  const bytes = oldFile();
  const fourth = bytes.indexOf(encodeBatch(commitOf(4).results));
  await leave(damaged(bytes, { kind: 'flip', at: fourth + 8, bit: 2 }));
  expect(await drain()).toMatchObject({ sequences: [1, 2, 3, 5, 6], lostResults: 4 });
});

test('a commit whose events another version wrote keeps its results', async () => {
  const strange = seenEvent(
    { targetId: 1 as TargetId, vantage: mainVantage },
    'down',
    { since: startAt, lostProbes: 1 },
    startAt,
  );
  await withSpool((spool) => spool.append([{ ...commitOf(1), events: [{ ...strange, type: 'later' } as never] }]));
  expect(await drain()).toMatchObject({ sequences: [1], events: [], lostResults: 0 });
});
