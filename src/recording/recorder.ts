import { randomUUID } from 'node:crypto';
import type { NewEvent } from '../core/event/event.ts';
import type { EpochMillis, TargetId, VantageId } from '../core/ids.ts';
import { batchOf, emptyBatch } from '../core/result/probe-batches.ts';
import { Problem, messageOf } from '../core/problem.ts';
import type { ResultBatch } from '../core/result/probe-result.ts';
import type { Clock } from './port.ts';
import type { Commit, StateRow } from '../storage/storage.ts';
import { oneAlone, resultsIn, usualGroup } from './spool/commit-group.ts';
import { createGaps } from './gaps.ts';
import type { CommitStore, FeedListener, ResultObserver } from './port.ts';
import { type MemoryLimits, createQueue, defaultMemoryLimits, latestStates } from './recorder-queue.ts';
import { type RecorderStatus, describeStatus } from './recorder-status.ts';
import type { Spool } from './spool/spool.ts';

const commitEveryMillis = 1000;
/** How long an attempt may take before it counts as failed; it continues all the same. */
const timeoutMillis = 5000;
const lastFlushMillis = 3000;
/** A working storage may refuse one commit for a fault of its own; after this many times it makes way for the others. */
const refusalsMax = 5;
/** More than that are no accident: then all wait, and none is left out. */
const setAsideMax = 10;

/** Takes results from the prober and commits them once a second, together with the events that follow from them. */
export interface Recorder extends AsyncDisposable {
  record(batch: ResultBatch): void;
  /** Discards whatever still comes for a target that was erased. */
  forget(id: TargetId): void;
  status(): RecorderStatus;
}

export interface RecorderDependencies {
  /** The vantage point of all results. */
  readonly vantage: VantageId;
  readonly storage: CommitStore;
  readonly spool: Spool;
  readonly states: ResultObserver;
  readonly feed: FeedListener;
  readonly clock: Clock;
  readonly onNotice: (message: string) => void;
  readonly memoryLimits?: MemoryLimits;
}

/** The oldest commits, which are tried until they are stored. */
interface Attempt {
  readonly commits: readonly [Commit, ...Commit[]];
  readonly isFromSpool: boolean;
  /** How many of them are at the front of the spool, too. */
  spooled: number;
  isStored: boolean;
  readonly since: EpochMillis;
  /** How often the storage has refused this commit although it was available. */
  refusals: number;
}

/**
 * A commit's sequence is fixed when it is cut, and commits reach the storage in that order: first those being tried, then the
 * spool, then the memory behind it. Waiting commits are sent together; when the storage refuses them, each is sent alone.
 * Repeated ones are recognised by their sequence.
 */
export function startRecorder(dependencies: RecorderDependencies): Recorder {
  const { vantage, storage, spool, states, feed, clock, onNotice, memoryLimits = defaultMemoryLimits } = dependencies;
  const source = randomUUID();
  const erased = new Set<TargetId>();
  const stopping = new AbortController();
  const queue = createQueue(memoryLimits);
  const gaps = createGaps(vantage, clock.now);
  const counts = { stored: 0, withoutRoom: 0, refused: 0, droppedAtLastTick: 0, setAside: 0 };
  const dropped = (): number => counts.withoutRoom + counts.refused;
  let sequence = 0;
  let storedSequence = 0;
  let giveUpAt = Number.POSITIVE_INFINITY;
  let batches: ResultBatch[] = [];
  let collected = 0;
  let events: NewEvent[] = [];
  let changed: StateRow[] = [];
  let attempt: Attempt | undefined;
  /** This many of the next were refused together: they are tried one at a time. */
  let apart = 0;
  let writing: Promise<void> | undefined;
  let spilling: Promise<void> | undefined;
  let failure: string | undefined;
  let spoolFailure: string | undefined;

  function cut(): void {
    closeGap();
    if (batches.length === 0 && events.length === 0) return;
    const isKept = ({ targetId }: { readonly targetId: TargetId }): boolean => !erased.has(targetId);
    const results = batches.length === 0 ? emptyBatch : batchOf(batches, (id) => !erased.has(id));
    const news = { events: events.filter(isKept), states: latestStates(changed.filter(isKept)) };
    queue.push({ source, sequence: ++sequence, vantage, results, ...news });
    batches = [];
    collected = 0;
    [events, changed] = [[], []];
    for (const batch of queue.trim()) {
      if (!gaps.isOpen) onNotice('There is no room left to keep results: the oldest are dropped.');
      counts.withoutRoom += batch.length;
      gaps.add(batch);
    }
  }

  /** A gap ends when the storage accepts commits again and nothing was dropped since the last second. */
  function closeGap(): void {
    const isOver = gaps.isOpen && failure === undefined && dropped() === counts.droppedAtLastTick;
    counts.droppedAtLastTick = dropped();
    if (!isOver) return;
    for (const event of gaps.close()) {
      events.push(event);
      feed.onEvent(event);
    }
  }

  async function takeOldest(): Promise<Attempt | undefined> {
    if (attempt !== undefined) return attempt;
    const limits = apart > 0 ? oneAlone : usualGroup;
    const spooled = await spool.peek(limits);
    const isFromSpool = spooled.length > 0;
    // While something is being spooled it is still here, and in the spool in a moment.
    const [first, ...others] = isFromSpool || spilling !== undefined ? spooled : queue.take(limits);
    if (first === undefined) return undefined;
    apart = Math.max(0, apart - 1);
    attempt = newAttempt([first, ...others], isFromSpool, spooled.length);
    return attempt;
  }

  function newAttempt(commits: Attempt['commits'], isFromSpool: boolean, spooled: number): Attempt {
    return { commits, isFromSpool, spooled, isStored: false, since: clock.now(), refusals: 0 };
  }

  async function store(commits: readonly Commit[]): Promise<void> {
    // It was stored while it was being spooled.
    const isStored = (commit: Commit): boolean => commit.source === source && commit.sequence <= storedSequence;
    const wanting = commits.filter((commit) => !isStored(commit));
    const last = wanting.at(-1);
    if (last === undefined) return;
    await storage.append(...wanting);
    if (last.source === source) storedSequence = last.sequence;
    counts.stored += resultsIn(wanting);
    if (failure !== undefined) onNotice('The storage takes results again.');
    failure = undefined;
  }

  async function write(): Promise<void> {
    try {
      for (let current = await takeOldest(); current !== undefined; current = await takeOldest()) {
        if (!current.isStored) await store(current.commits);
        current.isStored = true;
        if (current.isFromSpool) await spool.drop(current.commits.at(-1) ?? current.commits[0]);
        attempt = undefined;
        if (clock.now() > giveUpAt) return;
      }
    } catch (error) {
      fail(messageOf(error));
      const isAway = error instanceof Problem && error.code === 'storage-unavailable';
      if (attempt === undefined || attempt.isStored || isAway) return;
      const isGivenUp = ++attempt.refusals >= refusalsMax && counts.setAside < setAsideMax;
      if (attempt.commits.length === 1 && !isGivenUp) return;
      // What is being spooled may be these: only then is it known where they are.
      await spilling;
      if (attempt.commits.length > 1) takeApart(attempt);
      else await setAside(attempt, messageOf(error));
    }
  }

  /** Trying each alone shows which one was at fault. */
  function takeApart({ commits, isFromSpool, spooled }: Attempt): void {
    queue.putBack(commits.slice(Math.max(1, spooled)));
    attempt = newAttempt([commits[0]], isFromSpool, Math.min(1, spooled));
    apart = commits.length - 1;
  }

  async function setAside({ commits: [commit], spooled }: Attempt, why: string): Promise<void> {
    const { length } = commit.results;
    const place = await spool.setAside(commit).catch((error: unknown) => `nowhere (${messageOf(error)})`);
    if (spooled > 0) await spool.drop(commit).catch((error: unknown) => onNotice(messageOf(error)));
    attempt = undefined;
    counts.setAside++;
    counts.refused += length;
    gaps.add(commit.results);
    onNotice(`The storage refuses ${length} results again and again (${why}); they are left out and kept in ${place}.`);
  }

  function fail(why: string): void {
    if (failure === undefined) onNotice(`The storage does not take results, they wait: ${why}`);
    failure = why;
  }

  /** Moves what waits in memory to the disk, after what is already there. */
  async function spill(): Promise<void> {
    const tried = attempt;
    const waiting = queue.hold();
    // Those that are being tried are included: they must outlive this process as well.
    const going = tried?.commits.slice(tried.spooled) ?? [];
    const commits = [...going, ...waiting];
    try {
      const written = await spool.append(commits);
      if (tried !== undefined) tried.spooled += Math.min(written, going.length);
      queue.release(Math.max(0, written - going.length));
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
    if (attempt?.isStored === false && clock.now() - attempt.since > timeoutMillis) {
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

  const inMemory = (): number => collected + queue.results + resultsIn(attempt?.commits.slice(attempt.spooled) ?? []);

  return {
    record(batch) {
      // Collected first: whatever goes wrong in a listener, the results are kept.
      batches.push(batch);
      collected += batch.length;
      const observed = states.observeBatch(batch);
      for (const event of observed.events) events.push(event);
      for (const row of observed.states) changed.push(row);
      feed.onResults(batch);
      for (const event of observed.events) feed.onEvent(event);
      if (observed.states.length > 0) feed.onStates(observed.states);
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
        dropped: { withoutRoom: counts.withoutRoom, refused: counts.refused, damaged: spool.lostResults },
      }),
    async [Symbol.asyncDispose]() {
      giveUpAt = clock.now() + lastFlushMillis;
      stopping.abort();
      await running;
      const waiting = new AbortController();
      const isOver = clock.sleep(lastFlushMillis, waiting.signal);
      do {
        await Promise.race([startWriting(), isOver]);
        await Promise.race([spilling, isOver]);
        if (inMemory() > 0) await Promise.race([startSpilling(), isOver]);
        if (inMemory() > 0) await clock.sleep(lastFlushMillis / 10, waiting.signal);
      } while (inMemory() > 0 && clock.now() < giveUpAt);
      waiting.abort();
      if (spool.commits > 0)
        onNotice(`${spool.results} results are not stored yet: they wait in the spool for the next start.`);
      if (inMemory() > 0) onNotice(`${inMemory()} results are lost: neither the storage nor the spool took them.`);
    },
  };
}
