import assert from 'node:assert/strict';
import { linkSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, test } from 'vitest';
import { parseTargetId, type TargetId, mainVantage } from '../../core/ids.ts';
import { batchFromRows, type ResultRow, rowsOf } from '../../core/result/probe-result.ts';
import { openStorage, type Storage, type StorageOptions } from '../storage.ts';
import { createSqliteStorage } from './sqlite-storage.ts';
import { openWorkerLink } from './thread/worker-link.ts';

const start = Date.UTC(2026, 4, 5, 12);
const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
const options: StorageOptions = { retention, now: () => start, onNotice: () => {} };
const target = { ip: '192.0.2.1', intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };

let folder = '';
let count = 0;
const freshPath = (): string => join(folder, `${count++}.db`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pmd-sqlite-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function firstId(): TargetId {
  const id = parseTargetId(1);
  assert.ok(id !== undefined);
  return id;
}

function rowsFrom(first: number, length: number): ResultRow[] {
  return Array.from({ length }, (_, index) => ({
    targetId: firstId(),
    sentAt: start + (first + index) * 1000,
    intervalMillis: 1000,
    result: { outcome: 'reply', rttMicros: 1000 + ((first + index) % 500), replyTtl: 60 },
  }));
}

async function storedTimes(storage: Storage): Promise<number[]> {
  const times: number[] = [];
  for await (const batch of storage.streamResults({ targetId: firstId(), vantage: mainVantage }, 0, start * 2)) {
    for (const { sentAt } of rowsOf(batch)) times.push(sentAt);
  }
  return times;
}

test('a second writer is refused with a sentence, and a reader is not', async () => {
  const path = freshPath();
  await using storage = await openStorage(`sqlite:${path}`, options);
  await storage.addTargets([target], start, 'x');
  await assert.rejects(openStorage(`sqlite:${path}`, options), {
    code: 'storage-unavailable',
    message: /Another process is writing to .*DATABASE_URL/,
  });
  // The lock is on the file, under any name.
  const [symbolic, hard] = [`${path}-symbolic.db`, `${path}-hard.db`];
  symlinkSync(path, symbolic);
  linkSync(path, hard);
  for (const other of [symbolic, hard])
    await assert.rejects(openStorage(`sqlite:${other}`, options), {
      message: /Another process is writing to .*DATABASE_URL/,
    });
  const reader = new DatabaseSync(path, { readOnly: true });
  assert.equal(reader.prepare('select count(*) as count from targets').get()?.['count'], 1);
  reader.close();
});

test('a database that cannot be opened is refused with a sentence that says what to do', async () => {
  const text = freshPath();
  await writeFile(text, 'not a database, but long enough to be read as one '.repeat(100));
  await assert.rejects(openStorage(`sqlite:${text}`, options), {
    message: /is not an SQLite database: .*pmd restore FILE/,
  });
  await assert.rejects(openStorage(`sqlite:${folder}/none/x.db`, options), { message: /create its folder/ });
  const newer = freshPath();
  await (await openStorage(`sqlite:${newer}`, options))[Symbol.asyncDispose]();
  const database = new DatabaseSync(newer);
  database.exec(`insert into schema_migrations values (9000, 'later', 0)`);
  database.close();
  await assert.rejects(openStorage(`sqlite:${newer}`, options), { message: /newer PingMeDaddy.*update it/ });
});

test('a storage thread that dies is restarted and nothing acknowledged is lost', async () => {
  const path = freshPath();
  const notices: string[] = [];
  const link = await openWorkerLink(path, (message) => notices.push(message));
  await using storage = createSqliteStorage(path, link, options);
  await storage.addTargets([target], start, 'x');
  const appended: Promise<void>[] = [];
  for (let sequence = 1; sequence <= 60; sequence++) {
    const results = batchFromRows(rowsFrom(sequence * 100, 100));
    appended.push(storage.append({ source: 's', sequence, vantage: mainVantage, results, events: [] }));
    if (sequence % 20 === 0) {
      await appended.at(-10);
      await link.worker?.terminate();
    }
  }
  await Promise.all(appended);
  assert.deepEqual(
    await storedTimes(storage),
    rowsFrom(100, 6000).map(({ sentAt }) => sentAt),
  );
  assert.equal((await storage.health()).restarts, 3);
  assert.equal(notices.length, 3);
});

test('a request that must not be repeated is rejected when the thread dies during it', async () => {
  const path = freshPath();
  const link = await openWorkerLink(path, () => {});
  await using storage = createSqliteStorage(path, link, options);
  const adding = storage.addTargets([target], start, 'x');
  const rejected = assert.rejects(adding, { code: 'storage-unavailable' });
  await Promise.all([link.worker?.terminate(), rejected]);
  assert.ok((await storage.listTargets()).length <= 1);
});

test('a closed storage rejects with a Problem', async () => {
  const storage = await openStorage(`sqlite:${freshPath()}`, options);
  await storage[Symbol.asyncDispose]();
  await assert.rejects(storage.listTargets(), { code: 'storage-unavailable' });
  await storage[Symbol.asyncDispose]();
});

test('the fleet includes late results for an hour that it has read before', async () => {
  await using storage = await openStorage(`sqlite:${freshPath()}`, options);
  await storage.addTargets([target], start, 'x');
  const lastHour = async (): Promise<number | undefined> => {
    const to = start + 90 * 60_000;
    return (
      await storage.readFleet({
        ids: [firstId()],
        vantage: mainVantage,
        from: to - 3_600_000,
        to: to,
        sparkBuckets: 30,
      })
    )[0]?.summary.sampleCount;
  };
  await storage.append({
    source: 's',
    sequence: 1,
    vantage: mainVantage,
    results: batchFromRows(rowsFrom(0, 5400)),
    events: [],
  });
  while ((await storage.maintain(start + 2 * 3_600_000, { rawDays: 0, minuteDays: 0, hourDays: 0 })).hasMore);
  await storage.append({
    source: 's',
    sequence: 2,
    vantage: mainVantage,
    results: batchFromRows(rowsFrom(5400, 1)),
    events: [],
  });
  assert.equal(await lastHour(), 3600);
  assert.equal(await lastHour(), 3600);
  const late = rowsFrom(2000, 100).map((row) => ({ ...row, sentAt: row.sentAt + 500 }));
  await storage.backfill(batchFromRows(late), { vantage: mainVantage, isRawDroppedWhenAged: false });
  assert.equal(await lastHour(), 3700);
});
