import { mainVantage } from '../../src/core/ids.ts';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'vitest';
import { batchFromRows } from '../../src/core/result/probe-result.ts';
import { openStorage, type Storage } from '../../src/storage/storage.ts';
import { temporaryFolder } from './server.ts';
import { expectedTimes, retention, rowsOfCommit, rowsPerCommit, target, targetId } from './sqlite-commits.ts';

const start = Date.UTC(2026, 4, 5, 12);
const killRuns = Number(process.env['PMD_KILL_RUNS'] ?? 10);

async function open(path: string, now = start): Promise<Storage> {
  return openStorage(`sqlite:${path}`, { retention, now: () => now, onNotice: () => {} });
}

async function storedTimes(storage: Storage): Promise<number[]> {
  const times: number[] = [];
  for await (const batch of storage.streamResults({ targetId: targetId(), vantage: mainVantage }, 0, start * 2)) {
    times.push(...batch.sentAtMillis.subarray(0, batch.length));
  }
  return times;
}

function integrityOf(path: string): unknown {
  using database = new DatabaseSync(path, { readOnly: true });
  return database.prepare('pragma integrity_check').get()?.['integrity_check'];
}

/** Fills a database with some commits; all of it is in the file itself, as after a clean stop. */
async function makeDatabase(path: string, commits: number): Promise<void> {
  await using storage = await open(path);
  await storage.addTargets([target], start, 'x');
  for (let sequence = 1; sequence <= commits; sequence++) await commit(storage, sequence);
  while ((await storage.maintain(start + commits * rowsPerCommit * 1000 + 3_600_000, retention)).hasMore);
}

async function commit(storage: Storage, sequence: number): Promise<void> {
  const results = batchFromRows(rowsOfCommit(start, sequence));
  await storage.append({ source: 's', sequence, vantage: mainVantage, results, events: [] });
}

/** Writes until it is killed, some time after it acknowledged a commit; the last one that it acknowledged. */
async function writeAndDie(path: string, first: number, afterCommits: number, delayMillis: number): Promise<number> {
  const child = spawn(process.execPath, [resolve('test/e2e/sqlite-child.ts'), path, String(start), String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = first - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    // Not always at the moment of an acknowledgement: in the middle of a commit, a slice or a checkpoint too.
    if (last === first + afterCommits) setTimeout(() => child.kill('SIGKILL'), delayMillis);
  }
  return last;
}

test(
  `killed ${killRuns} times while it writes: nothing acknowledged is lost, nothing is stored twice`,
  async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'kill.db');
    let first = 1;
    for (let run = 0; run < killRuns; run++) {
      const acknowledged = await writeAndDie(path, first, (run * 37) % 90, (run * 1.7) % 12);
      await using storage = await open(path);
      const times = await storedTimes(storage);
      const stored = times.length / rowsPerCommit;
      // The commit that was under way is stored whole or not at all.
      assert.ok(stored === acknowledged || stored === acknowledged + 1, `${stored} stored, ${acknowledged} told`);
      assert.deepEqual(times, expectedTimes(start, stored));
      assert.equal(integrityOf(path), 'ok');
      first = stored + 1;
    }
  },
  killRuns * 10_000,
);

describe('a damaged database is reported at start, and its bytes stay as they are', () => {
  const damages: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
    ['garbage for a header', (bytes) => Buffer.concat([Buffer.alloc(100, 'garbage '), bytes.subarray(100)])],
    ['the header kept, the rest of the first page gone', (bytes) => bytes.fill(0xa5, 100, 4096)],
    ['cut in the middle', (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2 / 4096) * 4096)],
    ['cut within a page', (bytes) => bytes.subarray(0, 10_000)],
    ['pages in the middle overwritten', (bytes) => bytes.fill(0x5a, 5 * 4096, 9 * 4096)],
  ];
  test.each(damages)('%s', async (_, damage) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'damaged.db');
    await makeDatabase(path, 60);
    writeFileSync(path, damage(readFileSync(path)));
    const before = readFileSync(path);
    await assert.rejects(open(path), { code: 'storage-unavailable', message: /pmd restore FILE/ });
    assert.deepEqual(readFileSync(path), before);
  });
});

test('a damaged block is reported in words when it is read, and affects nothing else', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'block.db');
  await makeDatabase(path, 120);
  const database = new DatabaseSync(path);
  // SQLite itself cannot know: the page is sound, what stands in it is not.
  const damaged = `update raw_blocks set payload = zeroblob(length(payload))
    where hour_at_millis = (select min(hour_at_millis) from raw_blocks)`;
  assert.equal(database.prepare(damaged).run().changes, 1);
  database.close();
  await using storage = await open(path);
  await assert.rejects(storedTimes(storage), { code: 'storage-unavailable', message: /damaged .*pmd restore FILE/ });
  const later = start + 2 * 3_600_000;
  const query = { targetId: targetId(), vantage: 0, from: later, to: later + 600_000, bucketMillis: 60_000 };
  assert.equal((await storage.readWindow(query)).sampleCount, 600);
  await commit(storage, 121);
});

test('a full disk refuses commits in words, loses no acknowledged ones, and continues when there is space', async (context) => {
  await using folder = await temporaryFolder();
  const disk = join(folder.path, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    context.skip('mounting a small disk needs root');
  }
  try {
    const path = join(disk, 'full.db');
    await using storage = await open(path);
    await storage.addTargets([target], start, 'x');
    let stored = 0;
    const refused = async (): Promise<Error | undefined> => {
      for (let tries = 0; tries < 50_000; tries++) {
        try {
          await commit(storage, stored + 1);
          stored++;
        } catch (error) {
          return error as Error;
        }
      }
      return undefined;
    };
    // The log takes the most space: what is left once it has been filled decides, not its size at the start.
    writeFileSync(join(disk, 'others'), Buffer.alloc(1024 * 1024));
    const first = await refused();
    assert.match(first?.message ?? '', /The disk that holds .* is full: free some space/);
    assert.match((await refused())?.message ?? '', /is full/);
    assert.equal((await storedTimes(storage)).length, stored * rowsPerCommit);
    rmSync(join(disk, 'others'));
    const before = stored;
    await commit(storage, ++stored);
    await commit(storage, ++stored);
    assert.equal(stored, before + 2);
    assert.equal((await storage.health()).restarts, 0);
    assert.deepEqual(await storedTimes(storage), expectedTimes(start, stored));
    await storage[Symbol.asyncDispose]();
    assert.equal(integrityOf(path), 'ok');
    const copy = join(folder.path, 'copy.db');
    copyFileSync(path, copy);
    await using again = await open(copy);
    assert.deepEqual(await storedTimes(again), expectedTimes(start, stored));
  } finally {
    execFileSync('/bin/umount', [disk]);
  }
});
