import { randomUUID } from 'node:crypto';
import type { NewEvent } from '../core/event.ts';
import type { EpochMillis, TargetId } from '../core/ids.ts';
import { batchOf, emptyBatch } from '../core/probe-batches.ts';
import { Problem } from '../core/problem.ts';
import type { ResultBatch } from '../core/probe-result.ts';
import type { Commit, Storage } from '../storage/storage.ts';
import type { Clock } from './clock.ts';
import type { Feed } from './feed.ts';
import { createGaps } from './gaps.ts';
import type { Outages } from './outages.ts';
import { type MemoryLimits, createQueue, defaultMemoryLimits } from './recorder-queue.ts';
import { type RecorderStatus, describeStatus } from './recorder-status.ts';
import type { Spool } from './spool.ts';

const commitEveryMillis = 1000;
/** An attempt may take so long before it counts as a failure; it goes on all the same. */
const patienceMillis = 5000;
const lastFlushMillis = 3000;
/** A storage that works may refuse one commit for a fault in itself: after so many times it makes way for the others. */
const refusalsMax = 5;
/** More than that are no accident: then all wait, and none is left out. */
const setAsideMax = 10;

/** Takes results from the prober and commits them once a second, together with the events they bring about. */
export interface Recorder extends AsyncDisposable {
  record(batch: ResultBatch): void;
  /** Leaves out whatever still comes for a target that was erased. */
  forget(id: TargetId): void;
  status(): RecorderStatus;
}

export interface RecorderDependencies {
  readonly storage: Storage;
  readonly spool: Spool;
  readonly outages: Outages;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly onNotice: (message: string) => void;
  readonly memoryLimits?: MemoryLimits;
}

/** The oldest commit, which is tried until it is stored. */
interface Attempt {
  readonly commit: Commit;
  /** Stands at the front of the spool too. */
  isSpooled: boolean;
  readonly since: EpochMillis;
  /** How often the storage has answered that it does not take this one, though it is there. */
  refusals: number;
}

/**
 * A commit's sequence is fixed when it is cut, and commits reach the storage in that order, one at a time: first what
 * is being tried, then the spool, then the memory behind it. Whatever is tried again is recognised by its sequence.
 */
export function startRecorder(dependencies: RecorderDependencies): Recorder {
  const { storage, spool, outages, feed, clock, onNotice, memoryLimits = defaultMemoryLimits } = dependencies;
  const source = randomUUID();
  const erased = new Set<TargetId>();
  const stopping = new AbortController();
  const queue = createQueue(memoryLimits);
  const gaps = createGaps(clock.now);
  const counts = { stored: 0, dropped: 0, droppedAtLastTick: 0, setAside: 0 };
  let sequence = 0;
  let storedSequence = 0;
  let giveUpAt = Number.POSITIVE_INFINITY;
  let batches: ResultBatch[] = [];
  let collected = 0;
  let events: NewEvent[] = [];
  let attempt: Attempt | undefined;
  let writing: Promise<void> | undefined;
  let spilling: Promise<void> | undefined;
  let failure: string | undefined;
  let spoolFailure: string | undefined;

  function cut(): void {
    closeGap();
    if (batches.length === 0 && events.length === 0) return;
    const results = batches.length === 0 ? emptyBatch : batchOf(batches, (id) => !erased.has(id));
    queue.push({ source, sequence: ++sequence, results, events: events.filter((e) => !erased.has(e.targetId)) });
    batches = [];
    collected = 0;
    events = [];
    for (const batch of queue.trim()) {
      if (!gaps.isOpen) onNotice('There is no room left to keep results: the oldest are dropped.');
      counts.dropped += batch.length;
      gaps.add(batch);
    }
  }

  /** A gap ends when the storage takes commits again and nothing was dropped since the last second. */
  function closeGap(): void {
    const isOver = gaps.isOpen && failure === undefined && counts.dropped === counts.droppedAtLastTick;
    counts.droppedAtLastTick = counts.dropped;
    if (!isOver) return;
    for (const event of gaps.close()) {
      events.push(event);
      feed.onEvent(event);
    }
  }

  async function takeOldest(): Promise<Attempt | undefined> {
    if (attempt !== undefined) return attempt;
    const spooled = await spool.peek();
    // While something is spilled it stands here still, and in the spool in a moment.
    const commit = spooled ?? (spilling === undefined ? queue.shift() : undefined);
    if (commit !== undefined) attempt = { commit, isSpooled: spooled !== undefined, since: clock.now(), refusals: 0 };
    return attempt;
  }

  async function store(commit: Commit): Promise<void> {
    const isOwn = commit.source === source;
    // It was stored while it was being spooled.
    if (isOwn && commit.sequence <= storedSequence) return;
    await storage.append(commit);
    if (isOwn) storedSequence = commit.sequence;
    counts.stored += commit.results.length;
    if (failure !== undefined) onNotice('The storage takes results again.');
    failure = undefined;
  }

  async function write(): Promise<void> {
    try {
      for (let current = await takeOldest(); current !== undefined; current = await takeOldest()) {
        await store(current.commit);
        if (current.isSpooled) await spool.shift();
        attempt = undefined;
        if (clock.now() > giveUpAt) return;
      }
    } catch (error) {
      fail(messageOf(error));
      const isAway = error instanceof Problem && error.code === 'storage-unavailable';
      if (attempt === undefined || isAway) return;
      const isGivenUp = ++attempt.refusals >= refusalsMax && counts.setAside < setAsideMax;
      if (!isGivenUp) return;
      // What is being spilled may be this one: only then is it known where it stands.
      await spilling;
      await setAside(attempt, messageOf(error));
    }
  }

  async function setAside({ commit, isSpooled }: Attempt, why: string): Promise<void> {
    const { length } = commit.results;
    const place = await spool.setAside(commit).catch((error: unknown) => `nowhere (${messageOf(error)})`);
    if (isSpooled) await spool.shift();
    attempt = undefined;
    counts.setAside++;
    counts.dropped += length;
    gaps.add(commit.results);
    onNotice(`The storage refuses ${length} results again and again (${why}); they are left out and kept in ${place}.`);
  }

  function fail(why: string): void {
    if (failure === undefined) onNotice(`The storage does not take results, they wait: ${why}`);
    failure = why;
  }

  /** Moves what waits in memory to the disk, behind what is there already. */
  async function spill(): Promise<void> {
    const tried = attempt?.isSpooled === false ? attempt : undefined;
    const waiting = queue.hold();
    // The one that is being tried goes along: it must outlive this process as well.
    const commits = tried === undefined ? waiting : [tried.commit, ...waiting];
    try {
      const written = await spool.append(commits);
      if (tried !== undefined && tried === attempt && written > 0) tried.isSpooled = true;
      queue.release(Math.max(0, written - (tried === undefined ? 0 : 1)));
      spoolFailure = written < commits.length ? 'it is full' : undefined;
    } catch (error) {
      queue.release(0);
      const why = messageOf(error);
      if (spoolFailure === undefined) onNotice(`Results cannot be spooled to the disk, they wait in memory: ${why}`);
      spoolFailure = why;
    }
  }

  function startSpilling(): Promise<void> {
    spilling ??= spill().finally(() => (spilling = undefined));
    return spilling;
  }

  function startWriting(): Promise<void> {
    writing ??= write().finally(() => (writing = undefined));
    return writing;
  }

  function tick(): void {
    cut();
    if (attempt !== undefined && clock.now() - attempt.since > patienceMillis) {
      fail(`It has not answered for ${Math.round((clock.now() - attempt.since) / 1000)} s.`);
    }
    if (queue.wantsSpilling || (spool.commits > 0 && queue.commits > 0)) void startSpilling();
    void startWriting();
  }

  async function tickUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(commitEveryMillis, stopping.signal);
      tick();
    }
  }
  const running = tickUntilStopped();

  const inMemory = (): number =>
    collected + queue.results + (attempt?.isSpooled === false ? attempt.commit.results.length : 0);

  return {
    record(batch) {
      const changes = outages.observeBatch(batch);
      feed.onResults(batch);
      for (const event of changes) feed.onEvent(event);
      events.push(...changes);
      batches.push(batch);
      collected += batch.length;
    },
    forget: (id) => erased.add(id),
    status: () =>
      describeStatus({
        failure,
        spoolFailure,
        pendingResults: inMemory(),
        spooledResults: spool.results,
        spooledBytes: spool.bytes,
        storedResults: counts.stored,
        droppedResults: counts.dropped,
      }),
    async [Symbol.asyncDispose]() {
      giveUpAt = clock.now() + lastFlushMillis;
      stopping.abort();
      await running;
      const patience = new AbortController();
      const isOver = clock.sleep(lastFlushMillis, patience.signal);
      do {
        await Promise.race([startWriting(), isOver]);
        await Promise.race([spilling, isOver]);
        if (inMemory() > 0) await Promise.race([startSpilling(), isOver]);
        if (inMemory() > 0) await clock.sleep(lastFlushMillis / 10, patience.signal);
      } while (inMemory() > 0 && clock.now() < giveUpAt);
      patience.abort();
      if (spool.commits > 0)
        onNotice(`${spool.results} results are not stored yet: they wait in the spool for the next start.`);
      if (inMemory() > 0) onNotice(`${inMemory()} results are lost: neither the storage nor the spool took them.`);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
