import { execFileSync } from 'node:child_process';
import { existsSync, truncateSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TargetId, mainVantage } from '../../src/core/ids.ts';
import { describeEvent } from '../../src/core/event/describe-event.ts';
import { Problem } from '../../src/core/problem.ts';
import { type ProbeResult, batchFromRows } from '../../src/core/result/probe-result.ts';
import { type Storage, openStorage } from '../../src/storage/storage.ts';
import type { Clock } from '../../src/recording/recording.ts';
import { createFeed, type Feed } from '../../src/monitor/feed.ts';
import { createTargetStates } from '../../src/monitor/outages/target-states.ts';
import type { MemoryLimits } from '../../src/recording/recorder-queue.ts';
import type { RecorderStatus } from '../../src/recording/recorder-status.ts';
import { type Recorder, startRecorder } from '../../src/recording/recorder.ts';
import { openSpool } from '../../src/recording/spool/spool.ts';

// The real SQLite behind a switch, the real disk, and a clock that moves when the test says so.

let folder: string;
let storage: Storage;
let id: TargetId;
let spoolFolder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pmd-recorder-'));
  spoolFolder = join(folder, 'spool');
  storage = await openTestStorage();
  id = await addTarget('127.0.0.1');
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Where Debian has mount and umount. */
const programs = '/usr/bin';
const startAt = Date.UTC(2026, 10, 23, 12);

async function addTarget(ip: string): Promise<TargetId> {
  const target = { ip, intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };
  const [added] = await storage.addTargets([target], startAt, 'Tracking started');
  if (added === undefined) throw new Error('no target was added');
  return added.id;
}

function openTestStorage(): Promise<Storage> {
  const retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };
  return openStorage(`sqlite:${join(folder, 'test.db')}`, { retention, now: () => startAt, onNotice: () => undefined });
}

interface ManualClock extends Clock {
  /** Lets this many seconds pass; sleepers wake up in each. */
  tick(seconds?: number): Promise<void>;
}

function createManualClock(): ManualClock {
  let wake = new AbortController();
  let now = startAt;
  return {
    now: () => now,
    sleep: async (_millis, signal) => {
      const either = AbortSignal.any([signal, wake.signal]);
      if (!either.aborted) await new Promise((awake) => either.addEventListener('abort', awake, { once: true }));
    },
    async tick(seconds = 1) {
      for (let second = 0; second < seconds; second++) {
        now += 1000;
        wake.abort();
        wake = new AbortController();
        // The sleepers go back to sleep before the next second.
        await new Promise((done) => setImmediate(done));
      }
    },
  };
}

type Mode = 'works' | 'refuses' | 'rejects' | 'loses-answers' | 'hangs';

/** The storage with faults: `release` lets what hangs go on. */
interface FaultyStorage {
  readonly storage: Storage;
  mode: Mode;
  release(): void;
}

function withFaults(first: Mode = 'works'): FaultyStorage {
  let waiting: (() => void)[] = [];
  const faulty: FaultyStorage = {
    mode: first,
    release: () => {
      for (const go of waiting) go();
      waiting = [];
    },
    storage: Object.create(storage, {
      append: {
        ...{ configurable: true, writable: true },
        value: async (...commits: Parameters<Storage['append']>) => {
          const { mode } = faulty;
          if (mode === 'refuses') throw new Problem('storage-unavailable', 'gone');
          if (mode === 'rejects') throw new Error('value out of range');
          if (mode === 'hangs') await new Promise<void>((go) => waiting.push(go));
          await storage.append(...commits);
          // The commit is made but the answer is lost: what a storage that dies at the wrong moment looks like.
          if (mode === 'loses-answers') throw new Problem('storage-unavailable', 'gone');
        },
      },
    }) as Storage,
  };
  return faulty;
}

/** The storage that takes nothing in which there is a result of this second. */
function withRefusal(of: Storage, second: number): Storage {
  return Object.create(of, {
    append: {
      ...{ configurable: true, writable: true },
      value: async (...commits: Parameters<Storage['append']>) => {
        const isRefused = commits.some(({ results }) => results.sentAtMillis.includes(startAt + second * 1000));
        if (isRefused) throw new Error('value out of range');
        await of.append(...commits);
      },
    },
  }) as Storage;
}

const reply: ProbeResult = { outcome: 'reply', rttMicros: 500, replyTtl: 64 };
const timeout: ProbeResult = { outcome: 'timeout' };

/** `results`: one letter a second from `second` on, r for a reply and t for a timeout. */
function record(recorder: Recorder, second: number, results: string, targetId = id): void {
  const rows = Array.from(results, (letter, index) => ({
    targetId,
    sentAt: startAt + (second + index) * 1000,
    intervalMillis: 1000,
    result: letter === 'r' ? reply : timeout,
  }));
  recorder.record(batchFromRows(rows));
}

interface Started {
  readonly recorder: Recorder;
  readonly clock: ManualClock;
  readonly notices: string[];
  readonly feed: Feed;
  /** As if the process had ended at once: nothing that it began continues. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** `target`, until `isDead` says that its process is no more: then no call of it comes back or does anything. */
function mortal<T extends object>(target: T, isDead: () => boolean): T {
  const never = new Promise<never>(() => {});
  return new Proxy(target, {
    get(of, name) {
      const member: unknown = Reflect.get(of, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const result: unknown = isDead() ? never : await Reflect.apply(member, of, args);
        return isDead() ? never : result;
      };
    },
  });
}

/** A process's recorder with its spool. */
async function start(
  store: Storage,
  {
    memoryLimits,
    maxBytes = 1024 * 1024,
    onDrop,
  }: { memoryLimits?: MemoryLimits; maxBytes?: number; onDrop?: () => Promise<void> } = {},
): Promise<Started> {
  const clock = createManualClock();
  const notices: string[] = [];
  const onNotice = (message: string): void => void notices.push(message);
  let isDead = false;
  const feed = createFeed((error) => onNotice(`listener: ${String(error)}`));
  const spool = await openSpool({ folder: spoolFolder, vantage: mainVantage, maxBytes, onNotice });
  const drop = spool.drop.bind(spool);
  if (onDrop !== undefined) spool.drop = async (last) => onDrop().then(() => drop(last));
  const states = createTargetStates({
    stored: [...(await store.listStates()), ...spool.leftoverStates],
    vantage: mainVantage,
    now: () => startAt,
  });
  const parts = { storage: mortal(store, () => isDead), spool: mortal(spool, () => isDead) };
  const dependencies = { ...parts, vantage: mainVantage, states, feed, clock, onNotice };

  const recorder = startRecorder({ ...dependencies, ...(memoryLimits === undefined ? {} : { memoryLimits }) });
  return {
    ...{ clock, notices, recorder, feed },
    async kill() {
      isDead = true;
      await spool[Symbol.asyncDispose]();
    },
    async stop() {
      await recorder[Symbol.asyncDispose]();
      await spool[Symbol.asyncDispose]();
    },
  };
}

async function eventTypes(targetId = id): Promise<readonly string[]> {
  return (await storage.listEvents(targetId, 100)).map((event) => event.type).toReversed();
}

async function storedSeconds(): Promise<number[]> {
  const rows = await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 100_000);
  return rows.map((row) => (row.sentAt - startAt) / 1000);
}

function secondsTo(end: number): number[] {
  return Array.from({ length: end }, (_, second) => second);
}

/** One second after the other until the recorder has come so far; the disk works in its own time. */
async function tickUntil({ recorder, clock }: Started, isReached: (status: RecorderStatus) => boolean): Promise<void> {
  const look = async (): Promise<boolean> => {
    await clock.tick();
    return isReached(recorder.status());
  };
  await expect.poll(look, { timeout: 10_000, interval: 5 }).toBe(true);
}

const isStored = ({ pendingResults, spooledResults, isFailing }: RecorderStatus): boolean =>
  !isFailing && pendingResults === 0 && spooledResults === 0;
const isSpooled = ({ pendingResults, spooledResults }: RecorderStatus): boolean =>
  pendingResults === 0 && spooledResults > 0;

/** A reply a second for so long; the disk gets its time between two seconds. */
async function recordSeconds({ recorder, clock }: Started, from: number, to: number, letter = 'r'): Promise<void> {
  for (let second = from; second < to; second++) {
    record(recorder, second, letter);
    await clock.tick();
  }
}

test('a listener that throws costs no result and no event, and the others receive everything', async () => {
  const started = await start(storage);
  const { recorder, feed, notices } = started;
  let heard = 0;
  feed.subscribe({
    onResults: () => {
      throw new Error('a broken listener');
    },
  });
  feed.subscribe({ onResults: ({ length }) => void (heard += length) });
  record(recorder, 0, 'rttttt');
  await started.stop();
  expect(await storedSeconds()).toEqual(secondsTo(6));
  expect(await eventTypes()).toEqual(['start', 'down']);
  expect(heard).toBe(6);
  expect(notices.filter((notice) => notice.includes('a broken listener'))).toHaveLength(1);
});

test('recorded results are stored when the recorder ends, with the events that follow from them', async () => {
  const { recorder } = await start(storage);
  record(recorder, 0, 'rttttt');
  record(recorder, 6, 'tr');
  await recorder[Symbol.asyncDispose]();
  expect(await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 100)).toHaveLength(8);
  expect(await eventTypes()).toEqual(['start', 'down', 'recovery']);
});

test('an outage continues across a restart: no second down, and its recovery', async () => {
  const before = await start(storage);
  record(before.recorder, 0, 'rttttt');
  await before.stop();
  await storage[Symbol.asyncDispose]();
  storage = await openTestStorage();
  const after = await start(storage);
  record(after.recorder, 10, 'ttttttr');
  await after.stop();
  expect(await eventTypes()).toEqual(['start', 'down', 'recovery']);
});

test('while the storage accepts nothing, results wait; then each is stored once, although answers were lost', async () => {
  const faulty = withFaults();
  const started = await start(faulty.storage);
  const { recorder, clock, notices } = started;
  faulty.mode = 'loses-answers';
  record(recorder, 0, 'rrr');
  await clock.tick();
  await expect.poll(() => recorder.status().isFailing).toBe(true);
  record(recorder, 3, 'rr');
  expect(recorder.status()).toMatchObject({ pendingResults: 5, storedResults: 0 });
  faulty.mode = 'works';
  await recorder[Symbol.asyncDispose]();
  expect(recorder.status()).toMatchObject({ isFailing: false, pendingResults: 0, storedResults: 5, droppedResults: 0 });
  expect(await storedSeconds()).toEqual(secondsTo(5));
  expect(notices).toEqual([expect.stringContaining('they wait: gone'), 'The storage takes results again.']);
});

test('a long absence is spooled, drained in order, each result once, and leaves no file behind', async () => {
  const faulty = withFaults();
  const started = await start(faulty.storage);
  faulty.mode = 'refuses';
  await recordSeconds(started, 0, 60, 'r');
  await tickUntil(started, isSpooled);
  expect(started.recorder.status().message).toBe('60 results wait, 60 of them in the spool on disk: gone.');
  faulty.mode = 'works';
  await tickUntil(started, isStored);
  expect(await storedSeconds()).toEqual(secondsTo(60));
  expect(started.recorder.status()).toMatchObject({ storedResults: 60, spooledBytes: 0, droppedResults: 0 });
  await started.stop();
  expect(existsSync(spoolFolder)).toBe(false);
});

test('a disk that is slow to drop what is stored does not make the storage look unresponsive', async () => {
  const faulty = withFaults('refuses');
  const dropping = Promise.withResolvers<void>();
  let isDropping = false;
  const onDrop = (): Promise<void> => {
    isDropping = true;
    return dropping.promise;
  };
  const started = await start(faulty.storage, { onDrop });
  await recordSeconds(started, 0, 20);
  await tickUntil(started, isSpooled);
  faulty.mode = 'works';
  await tickUntil(started, () => isDropping);
  await started.clock.tick(10);
  expect(started.recorder.status()).toMatchObject({ isFailing: false, storedResults: 20 });
  dropping.resolve();
  await tickUntil(started, isStored);
  await started.stop();
});

test('a hanging storage blocks nothing: what it holds is spooled too, and stored once when it answers', async () => {
  const faulty = withFaults();
  const started = await start(faulty.storage);
  faulty.mode = 'hangs';
  await recordSeconds(started, 0, 30);
  await tickUntil(started, isSpooled);
  expect(started.recorder.status()).toMatchObject({ isFailing: true, spooledResults: 30 });
  expect(started.recorder.status().message).toContain('It has not answered for');
  faulty.mode = 'works';
  faulty.release();
  await tickUntil(started, isStored);
  expect(await storedSeconds()).toEqual(secondsTo(30));
  expect(started.recorder.status().storedResults).toBe(30);
  await started.stop();
});

test('a stop while the storage is unavailable leaves everything in the spool for the next start', async () => {
  const faulty = withFaults();
  const before = await start(faulty.storage);
  faulty.mode = 'refuses';
  record(before.recorder, 0, 'rrrr');
  await before.stop();
  expect(before.notices.at(-1)).toContain('4 results are not stored yet: they wait in the spool');
  const after = await start(storage);
  record(after.recorder, 4, 'rr');
  await tickUntil(after, isStored);
  expect(await storedSeconds()).toEqual(secondsTo(6));
  await after.stop();
});

test('an outage that only the spool contains continues after a kill: one down, one recovery, in order', async () => {
  const faulty = withFaults();
  const killed = await start(faulty.storage);
  faulty.mode = 'refuses';
  await recordSeconds(killed, 0, 15, 't');
  await tickUntil(killed, isSpooled);
  await killed.kill();
  const after = await start(storage);
  record(after.recorder, 15, 'ttttttr');
  await tickUntil(after, isStored);
  expect(await eventTypes()).toEqual(['start', 'down', 'recovery']);
  await after.stop();
});

const lossText = '1 results in the spool were damaged by the disk; the log names the file.';

test('a spool file truncated by a crash gives what is intact; damage affects only itself', async () => {
  const faulty = withFaults();
  const killed = await start(faulty.storage);
  faulty.mode = 'refuses';
  await recordSeconds(killed, 0, 15);
  await tickUntil(killed, isSpooled);
  await killed.kill();
  const path = join(spoolFolder, '0000000001.spool');
  truncateSync(path, (await stat(path)).size - 75);
  const after = await start(storage);
  expect(after.notices[0]).toMatch(/was damaged or cut short, \d+ bytes of it cannot be read: 1 results are lost\./);
  expect(after.recorder.status()).toMatchObject({ droppedResults: 1, message: expect.stringContaining(lossText) });
  await tickUntil(after, isStored);
  expect(after.recorder.status().message).toBe(`Every other result is stored. ${lossText}`);
  await expect.poll(() => readdir(spoolFolder)).toEqual(['0000000001.spool.unreadable']);
  expect(await storedSeconds()).toEqual(secondsTo(14));
  await after.stop();
});

test('a file that is not a spool file is set aside and reported', async () => {
  await mkdir(spoolFolder);
  await writeFile(join(spoolFolder, '0000000007.spool'), 'something else');
  const started = await start(storage);
  expect(started.notices[0]).toContain('0000000007.spool.unreadable');
  record(started.recorder, 0, 'r');
  await started.stop();
  expect(await storedSeconds()).toEqual([0]);
});

test('what fits neither spool nor memory is counted, and reported once per target when it is over', async () => {
  const faulty = withFaults();
  const other = await addTarget('127.0.0.2');
  const memoryLimits = { commitsUntilSpool: 2, resultsUntilSpool: 1000, resultsMax: 20 };
  const started = await start(faulty.storage, { memoryLimits, maxBytes: 2000 });
  faulty.mode = 'refuses';
  let second = 0;
  await tickUntil(started, ({ message, droppedResults }) => {
    if (message.includes('it is full') && droppedResults > 50) return true;
    record(started.recorder, second, 'r');
    record(started.recorder, second++, 't', other);
    return false;
  });
  const { droppedResults, message } = started.recorder.status();
  expect(droppedResults).toBeGreaterThan(50);
  expect(message).toMatch(/The spool takes no more: it is full\. \d+ results were dropped/);
  faulty.mode = 'works';
  await tickUntil(started, isStored);
  await started.clock.tick(3);
  await started.stop();
  const seconds = await storedSeconds();
  const others = await storage.readLatestResults({ targetId: other, vantage: mainVantage }, 1000);
  expect(seconds.length + others.length).toBe(2 * second - started.recorder.status().droppedResults);
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
  // The event that came about within the gap is not lost with its results.
  expect(await eventTypes()).toEqual(['start', 'gap']);
  expect(await eventTypes(other)).toEqual(['start', 'down', 'gap']);
  const [gap] = await storage.listEvents(id, 1);
  const missing = second - seconds.length;
  expect(gap && describeEvent(gap)).toMatch(
    new RegExp(`^${missing} results from 2026-.* are missing: the database took none`),
  );
});

test('a full spool disk is not a crash: results wait in memory, and go to the disk when it has space again', async (context) => {
  await mkdir(spoolFolder);
  try {
    execFileSync(`${programs}/mount`, ['-t', 'tmpfs', '-o', 'size=64k', 'pmd-test', spoolFolder], { stdio: 'ignore' });
  } catch {
    process.stdout.write('SKIPPED full spool disk: mounting a small tmpfs needs root\n');
    context.skip();
  }
  try {
    const faulty = withFaults();
    const started = await start(faulty.storage);
    await writeFile(join(spoolFolder, 'ballast'), Buffer.alloc(64 * 1024)).catch(() => undefined);
    faulty.mode = 'refuses';
    await recordSeconds(started, 0, 20);
    await tickUntil(started, ({ message }) => /The spool takes no more: .*ENOSPC/.test(message));
    expect(started.recorder.status()).toMatchObject({ pendingResults: 20, spooledResults: 0, droppedResults: 0 });
    await rm(join(spoolFolder, 'ballast'));
    await recordSeconds(started, 20, 25);
    await tickUntil(started, isSpooled);
    faulty.mode = 'works';
    await tickUntil(started, isStored);
    expect(await storedSeconds()).toEqual(secondsTo(25));
    await started.stop();
    expect(await readdir(spoolFolder)).toEqual([]);
  } finally {
    execFileSync(`${programs}/umount`, ['-l', spoolFolder]);
  }
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ seconds: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 3, arbitrary: fc.constantFrom<Mode>('works', 'refuses', 'rejects', 'loses-answers', 'hangs') },
  { weight: 1, arbitrary: fc.constantFrom('kill' as const, 'stop' as const, 'release' as const) },
);

test('whatever the storage does and whenever the process ends, what was spooled or stored exists once', async () => {
  const memoryLimits = { commitsUntilSpool: 1, resultsUntilSpool: 1000, resultsMax: 100_000 };
  let second = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const firstSecond = second;
      let faulty = withFaults();
      let started = await start(faulty.storage, { memoryLimits });
      const atRisk = new Set<number>();
      for (const action of steps) {
        if (typeof action === 'object') {
          await recordSeconds(started, second, second + action.seconds);
          second += action.seconds;
        } else if (action === 'kill') {
          // What was neither stored nor on disk yet may go with the process: a few seconds at the most.
          const { pendingResults } = started.recorder.status();
          for (let lost = second - pendingResults; lost < second; lost++) atRisk.add(lost);
          await started.kill();
          faulty = withFaults(faulty.mode);
          started = await start(faulty.storage, { memoryLimits });
        } else if (action === 'stop') {
          if (faulty.mode === 'hangs') faulty.mode = 'refuses';
          faulty.release();
          await started.stop();
          started = await start(faulty.storage, { memoryLimits });
        } else if (action === 'release') faulty.release();
        else faulty.mode = action;
      }
      faulty.mode = 'works';
      faulty.release();
      await tickUntil(started, isStored);
      await started.stop();
      // What was set aside for good reasons that are none any more.
      started = await start(faulty.storage, { memoryLimits });
      await tickUntil(started, isStored);
      await started.stop();
      const stored = (await storedSeconds()).filter((at) => at >= firstSecond);
      expect(stored).toEqual([...new Set(stored)].toSorted((a, b) => a - b));
      const missing = secondsTo(second).filter((at) => at >= firstSecond && !stored.includes(at) && !atRisk.has(at));
      expect(missing).toEqual([]);
    }),
    { numRuns: 40 },
  );
}, 120_000);

test('a commit that the storage always refuses makes way for the others, and is kept and reported', async () => {
  const refusing = withRefusal(storage, 3);
  const started = await start(refusing);
  await recordSeconds(started, 0, 20);
  await tickUntil(started, isStored);
  expect(await storedSeconds()).toEqual(secondsTo(20).filter((second) => second !== 3));
  expect(started.recorder.status().droppedResults).toBe(1);
  expect(started.notices.join('\n')).toMatch(/refuses 1 results again and again \(value out of range\).*\.refused/);
  await started.stop();
  const refusedFiles = async (): Promise<readonly string[]> =>
    (await readdir(spoolFolder).catch(() => [])).filter((name) => name.endsWith('.refused'));
  expect(await refusedFiles()).toHaveLength(1);
  expect(await eventTypes()).toContain('gap');
  // The next start tries again: first while nothing has changed, then with a storage that takes it.
  const again = await start(refusing);
  await recordSeconds(again, 20, 30);
  await tickUntil(again, isStored);
  await again.stop();
  expect(await refusedFiles()).toHaveLength(1);
  const mended = await start(storage);
  await tickUntil(mended, isStored);
  await mended.stop();
  expect(mended.notices.join('\n')).toContain('1 results that the storage refused before are tried again.');
  expect(await storedSeconds()).toEqual(secondsTo(30));
  expect(await refusedFiles()).toEqual([]);
});

test('a storage that accepts one commit in three seconds keeps up: waiting commits are stored together', async () => {
  const faulty = withFaults('hangs');
  const started = await start(faulty.storage);
  let mostWaiting = 0;
  for (let second = 0; second < 90; second += 3) {
    await recordSeconds(started, second, second + 3);
    faulty.release();
    await expect.poll(() => started.recorder.status().storedResults).toBeGreaterThanOrEqual(second - 2);
    const { pendingResults, spooledResults } = started.recorder.status();
    mostWaiting = Math.max(mostWaiting, pendingResults + spooledResults);
  }
  expect(mostWaiting).toBeLessThan(10);
  faulty.mode = 'works';
  faulty.release();
  await tickUntil(started, isStored);
  await started.stop();
  expect(await storedSeconds()).toEqual(secondsTo(90));
});

test.each(['memory', 'spool'])('of commits that wait together in %s, a refused one affects no other', async (where) => {
  const faulty = withFaults('refuses');
  const commitsUntilSpool = where === 'spool' ? 3 : 100;
  const started = await start(withRefusal(faulty.storage, 23), {
    memoryLimits: { commitsUntilSpool, resultsUntilSpool: 1000, resultsMax: 1000 },
  });
  await recordSeconds(started, 0, 40);
  if (where === 'spool') await tickUntil(started, isSpooled);
  faulty.mode = 'works';
  await tickUntil(started, isStored);
  await started.stop();
  expect(await storedSeconds()).toEqual(secondsTo(40).filter((second) => second !== 23));
  expect(started.recorder.status()).toMatchObject({ storedResults: 39, droppedResults: 1 });
  expect(await readdir(spoolFolder)).toEqual([expect.stringMatching(/\.refused$/)]);
});

test('nothing is stored for a target that was erased', async () => {
  const { recorder } = await start(storage);
  record(recorder, 0, 'rr');
  recorder.forget(id);
  await storage.purgeTarget(id);
  record(recorder, 2, 'ttttttt');
  await recorder[Symbol.asyncDispose]();
  expect(await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 100)).toEqual([]);
  expect(await storage.listEvents(id, 100)).toEqual([]);
});
