import { randomUUID } from 'node:crypto';
import type { NewEvent } from '../core/event.ts';
import type { TargetId } from '../core/ids.ts';
import { batchOf, emptyBatch } from '../core/probe-batches.ts';
import type { ResultBatch } from '../core/probe-result.ts';
import type { Commit, Storage } from '../storage/storage.ts';
import type { Clock } from './clock.ts';
import type { Feed } from './feed.ts';
import type { Outages } from './outages.ts';

const commitEveryMillis = 1000;
/** At 25 bytes each: about 125 MB at the most while the storage is away. */
const pendingResultsMax = 5_000_000;
const lastFlushMillis = 3000;

export interface RecorderStatus {
  /** True while the storage does not take commits. */
  readonly isFailing: boolean;
  readonly message: string;
  readonly pendingResults: number;
  readonly storedResults: number;
  /** Lost for ever because the storage was away for too long. */
  readonly droppedResults: number;
}

/** Takes results from the prober and commits them once a second, together with the events they bring about. */
export interface Recorder extends AsyncDisposable {
  record(batch: ResultBatch): void;
  /** Leaves out whatever still comes for a target that was erased. */
  forget(id: TargetId): void;
  status(): RecorderStatus;
}

export interface RecorderDependencies {
  readonly storage: Storage;
  readonly outages: Outages;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly onNotice: (message: string) => void;
}

export function startRecorder({ storage, outages, feed, clock, onNotice }: RecorderDependencies): Recorder {
  const source = randomUUID();
  const erased = new Set<TargetId>();
  const stopping = new AbortController();
  let sequence = 0;
  let batches: ResultBatch[] = [];
  let events: NewEvent[] = [];
  let pendingResults = 0;
  let storedResults = 0;
  let droppedResults = 0;
  let failure: string | undefined;
  let unfinished: Commit | undefined;

  function takeCommit(): Commit | undefined {
    if (unfinished !== undefined) return unfinished;
    if (batches.length === 0 && events.length === 0) return undefined;
    const results = batches.length === 0 ? emptyBatch : batchOf(batches, (id) => !erased.has(id));
    const commit = { source, sequence: ++sequence, results, events: events.filter((e) => !erased.has(e.targetId)) };
    batches = [];
    events = [];
    pendingResults = 0;
    unfinished = commit;
    return commit;
  }

  /** The same commit is tried again until it is stored: its sequence keeps a repeated one from counting twice. */
  async function flush(): Promise<void> {
    const commit = takeCommit();
    if (commit === undefined) return;
    try {
      await storage.append(commit);
      unfinished = undefined;
      storedResults += commit.results.length;
      if (failure !== undefined) onNotice('The storage takes results again.');
      failure = undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (failure === undefined) onNotice(`The storage does not take results, they wait in memory: ${why}`);
      failure = why;
    }
  }

  async function commitUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(commitEveryMillis, stopping.signal);
      await flush();
    }
  }
  const running = commitUntilStopped();

  return {
    record(batch) {
      const changes = outages.observeBatch(batch);
      feed.onResults(batch);
      for (const event of changes) feed.onEvent(event);
      events.push(...changes);
      batches.push(batch);
      pendingResults += batch.length;
      while (pendingResults > pendingResultsMax) {
        const oldest = batches.shift();
        if (oldest === undefined) break;
        pendingResults -= oldest.length;
        droppedResults += oldest.length;
      }
    },
    forget: (id) => erased.add(id),
    status() {
      const waiting = pendingResults + (unfinished?.results.length ?? 0);
      const dropped = droppedResults === 0 ? '' : ` ${droppedResults} results were dropped while it was away.`;
      const message = failure === undefined ? 'Every result is stored.' : `${waiting} results wait: ${failure}`;
      return {
        isFailing: failure !== undefined,
        message: message + dropped,
        pendingResults: waiting,
        storedResults,
        droppedResults,
      };
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      const giveUpAt = clock.now() + lastFlushMillis;
      const patience = new AbortController();
      while ((unfinished !== undefined || batches.length > 0 || events.length > 0) && clock.now() < giveUpAt) {
        await flush();
        if (failure !== undefined) await clock.sleep(200, patience.signal);
      }
    },
  };
}
