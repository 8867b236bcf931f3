import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { type EpochMillis, type TargetId, mainVantage } from '../core/ids.ts';
import { batchFromRows } from '../core/result/probe-result.ts';
import { dayMillis, minuteMillis } from '../core/history/time-buckets.ts';
import { type Import, noRefusals, openStorage, type Storage } from '../storage/storage.ts';
import { type HistoryImports, openImports } from './imports.ts';

const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
const start = Date.UTC(2026, 5, 1);
let now = start;
let folder: string;
let storage: Storage;
let imports: HistoryImports;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pmd-imports-'));
  const onNotice = (): void => undefined;
  storage = await openStorage(`sqlite:${join(folder, 'test.db')}`, { retention, now: () => now, onNotice });
  imports = await openImports({
    vantage: mainVantage,
    storage,
    clock: { now: () => now, sleep: async () => undefined },
    onNotice,
  });
});
afterAll(async () => {
  await imports[Symbol.asyncDispose]();
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function addTarget(ip: string): Promise<TargetId> {
  const target = { ip, intervalMillis: 60_000, url: null, notes: null, isActive: false, isSynthetic: false };
  const [added] = await storage.addTargets([target], now, 'Tracking started');
  assert.ok(added !== undefined);
  return added.id;
}

/** An hour of one result a minute, of which ten are lost from the twentieth on. */
async function importHour(targetId: TargetId, from: EpochMillis): Promise<Import> {
  const rows = Array.from({ length: 60 }, (_, index) => ({
    ...{ targetId, sentAt: from + index * minuteMillis, intervalMillis: 60_000 },
    result:
      index >= 20 && index < 30
        ? ({ outcome: 'timeout' } as const)
        : ({ outcome: 'reply', rttMicros: 900, replyTtl: 60 } as const),
  }));
  const to = from + 59 * minuteMillis;
  const job = await imports.begin(targetId, undefined, 'admin');
  const progress = { rowCount: 60, refused: noRefusals, faults: [], from, to };
  await job.store(batchFromRows(rows), progress);
  return await job.end(progress);
}

async function maintain(): Promise<void> {
  while ((await storage.maintain(now, retention)).hasMore);
}

async function outageStarts(id: TargetId): Promise<readonly EpochMillis[]> {
  const found = await storage.listOutages(id, { vantage: mainVantage, from: 0, to: now, limit: 100 });
  return found.map((outage) => outage.from).toReversed();
}

const outageOf = (hour: EpochMillis): EpochMillis => hour + 20 * minuteMillis;

test('outages of an import stay if no results are left to derive them from, whatever else is imported', async () => {
  const id = await addTarget('192.0.2.1');
  const [first, second] = [start - 10 * dayMillis, start - 9.5 * dayMillis];
  await importHour(id, first);
  await maintain();
  assert.deepEqual(await outageStarts(id), [outageOf(first)]);
  // By then neither the raw results nor the copy for undoing the import are kept.
  now = start + 40 * dayMillis;
  await maintain();
  const { id: later } = await importHour(id, second);
  assert.deepEqual(await outageStarts(id), [outageOf(first), outageOf(second)]);
  await imports.undo(later, 'admin');
  assert.deepEqual(await outageStarts(id), [outageOf(first)]);
});

test('outages of an import are removed when it is undone', async () => {
  const id = await addTarget('192.0.2.2');
  const [first, second] = [now - 10 * dayMillis, now - 9.5 * dayMillis];
  const { id: earlier } = await importHour(id, first);
  await importHour(id, second);
  await maintain();
  await imports.undo(earlier, 'admin');
  assert.deepEqual(await outageStarts(id), [outageOf(second)]);
});

test('an abandoned job is ended once, however many ask for it', async () => {
  const id = await addTarget('192.0.2.3');
  const job = await storage.imports.add({ targetId: id, fileName: undefined, username: 'admin', startedAt: now });
  const asked = await Promise.all([imports.find(job.id), imports.undo(job.id, 'admin'), imports.list({ limit: 9 })]);
  assert.equal(asked[0]?.state, 'failed');
  assert.equal((await imports.find(job.id))?.state, 'undone');
});
