import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TargetId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { type ProbeResult, batchFromRows } from '../core/probe-result.ts';
import { type Storage, openStorage } from '../storage/storage.ts';
import type { Clock } from './clock.ts';
import { createFeed } from './feed.ts';
import { createOutages } from './outages.ts';
import { type Recorder, startRecorder } from './recorder.ts';

// The real SQLite, and a clock that moves when the test says so.

let folder: string;
let storage: Storage;
let id: TargetId;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pmd-recorder-'));
  storage = await openTestStorage();
  const [target] = await storage.addTargets(
    [{ ip: '127.0.0.1', intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false }],
    startAt,
    'Tracking started',
  );
  if (target === undefined) throw new Error('no target was added');
  id = target.id;
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const startAt = Date.UTC(2026, 10, 23, 12);

function openTestStorage(): Promise<Storage> {
  const retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };
  return openStorage(`sqlite:${join(folder, 'test.db')}`, { retention, now: () => startAt, onNotice: () => undefined });
}

/** Sleeps end when `tick` is called or the sleeper is aborted. */
function createManualClock(): Clock & { tick(): void } {
  let wake = new AbortController();
  return {
    now: () => Date.now(),
    sleep: async (_millis, signal) => {
      const either = AbortSignal.any([signal, wake.signal]);
      if (!either.aborted) await new Promise((awake) => either.addEventListener('abort', awake, { once: true }));
    },
    tick() {
      wake.abort();
      wake = new AbortController();
    },
  };
}

const reply: ProbeResult = { outcome: 'reply', rttMicros: 500, replyTtl: 64 };
const timeout: ProbeResult = { outcome: 'timeout' };

/** `results`: one letter a second from `second` on, r for a reply and t for a timeout. */
function record(recorder: Recorder, second: number, results: string): void {
  const rows = Array.from(results, (letter, index) => ({
    targetId: id,
    sentAt: startAt + (second + index) * 1000,
    intervalMillis: 1000,
    result: letter === 'r' ? reply : timeout,
  }));
  recorder.record(batchFromRows(rows));
}

async function start(store: Storage, notices: string[] = []): Promise<{ recorder: Recorder; clock: { tick(): void } }> {
  const clock = createManualClock();
  const outages = createOutages(await store.listLastOutageEvents(), () => startAt);
  const onNotice = (message: string): void => void notices.push(message);
  return { clock, recorder: startRecorder({ storage: store, outages, feed: createFeed(), clock, onNotice }) };
}

async function eventTypes(): Promise<readonly string[]> {
  return (await storage.listEvents(id, 100)).map((event) => event.type).toReversed();
}

test('what was recorded is stored when the recorder ends, with the events that it brought about', async () => {
  const { recorder } = await start(storage);
  record(recorder, 0, 'rttttt');
  record(recorder, 6, 'tr');
  await recorder[Symbol.asyncDispose]();
  expect(await storage.readLatestResults(id, 100)).toHaveLength(8);
  expect(await eventTypes()).toEqual(['start', 'down', 'recovery']);
});

test('an outage goes on over a restart: no second down, and its recovery', async () => {
  const before = await start(storage);
  record(before.recorder, 0, 'rttttt');
  await before.recorder[Symbol.asyncDispose]();
  await storage[Symbol.asyncDispose]();
  storage = await openTestStorage();
  const after = await start(storage);
  record(after.recorder, 10, 'ttttttr');
  await after.recorder[Symbol.asyncDispose]();
  expect(await eventTypes()).toEqual(['start', 'down', 'recovery']);
});

test('while the storage takes nothing, results wait; then each is stored once, though an answer was lost', async () => {
  let isAway = true;
  const flaky: Storage = Object.create(storage, {
    append: {
      value: async (commit: Parameters<Storage['append']>[0]) => {
        // The commit is made, the answer gets lost: what a storage thread that dies at the wrong moment looks like.
        await storage.append(commit);
        if (isAway) throw new Problem('storage-unavailable', 'gone');
      },
    },
  }) as Storage;
  const notices: string[] = [];
  const { recorder, clock } = await start(flaky, notices);
  record(recorder, 0, 'rrr');
  clock.tick();
  await expect.poll(() => recorder.status().isFailing).toBe(true);
  record(recorder, 3, 'rr');
  expect(recorder.status()).toMatchObject({ pendingResults: 5, storedResults: 0 });
  isAway = false;
  await recorder[Symbol.asyncDispose]();
  expect(recorder.status()).toMatchObject({ isFailing: false, pendingResults: 0, storedResults: 5, droppedResults: 0 });
  const times = (await storage.readLatestResults(id, 100)).map((row) => (row.sentAt - startAt) / 1000);
  expect(times).toEqual([0, 1, 2, 3, 4]);
  expect(notices).toEqual([expect.stringContaining('wait in memory: gone'), 'The storage takes results again.']);
});

test('nothing is stored for a target that was erased', async () => {
  const { recorder } = await start(storage);
  record(recorder, 0, 'rr');
  recorder.forget(id);
  await storage.purgeTarget(id);
  record(recorder, 2, 'ttttttt');
  await recorder[Symbol.asyncDispose]();
  expect(await storage.readLatestResults(id, 100)).toEqual([]);
  expect(await storage.listEvents(id, 100)).toEqual([]);
});
