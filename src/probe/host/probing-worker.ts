import { Worker } from 'node:worker_threads';
import type { EpochMillis, TargetId } from '../../core/ids.ts';
import { parseTargetId } from '../../core/ids.ts';
import type { ResultBatch } from '../../core/result/probe-result.ts';
import type { AnomalyRows, TargetAnomalies } from '../../core/result/anomalies.ts';
import { addAnomalies, eachAnomaly, noAnomalies } from '../../core/result/anomalies.ts';
import { closeNoted, createDescriptorMemory } from '../linux/open-descriptors.ts';
import type { ScheduleChange, ProbedTarget, ProberCounters, ProberStatus } from '../port.ts';
import { createCounterMemory, readCounters } from '../lane/shared-counters.ts';
import type { FromWorker, ToWorker, WorkerStart } from '../thread/worker-messages.ts';
import { callPlaces } from '../thread/worker-messages.ts';

export type TraceMessage = Extract<FromWorker, { readonly kind: 'hop' | 'round' | 'traced' | 'trace-failed' }>;

export interface ProbingWorkerParts {
  readonly url: URL;
  readonly settings: Pick<WorkerStart, 'timeoutMillis' | 'maxInFlight' | 'methods' | 'shard'>;
  readonly watchMillis: number;
  readonly notBefore: EpochMillis | undefined;
  readonly onResults: (batch: ResultBatch) => void;
  readonly onNotice: (message: string) => void;
  readonly onTrace: (message: TraceMessage) => void;
  /** The thread is gone, and its traces with it. */
  readonly onGone: () => void;
  /** Called with each thread as it starts. */
  readonly onWorker: ((worker: Worker) => void) | undefined;
}

const startMillis = 10_000;
const stopMillis = 1400;
const restartMillis = [0, 200, 1000, 5000, 30_000] as const;
/** A thread that lived this long is restarted with the short waits again. */
const settledMillis = 60_000;
/** Consecutive checks without a sign of life. Checks, not time: after a stall of the whole process there has been only one. */
const stillLooks = 5;
const stillLooksAtStart = 15;
/** A thread inside a system call ends only when that returns, so the next one starts beside it. */
const terminateMillis = 1000;

/** One probing thread and its share of the targets: started, watched and restarted until it is disposed. */
export class ProbingWorker implements AsyncDisposable {
  readonly #parts: ProbingWorkerParts;
  readonly #targets = new Map<TargetId, ProbedTarget>();
  readonly #anomalies = new Map<TargetId, TargetAnomalies>();
  readonly #counterMemory = createCounterMemory();
  readonly #descriptorMemory = createDescriptorMemory();
  #worker: Worker | undefined;
  /** Counts the messages to the worker, so that it notices one while it sleeps, and the worker's signs of life. */
  #call = new Int32Array(new SharedArrayBuffer(0));
  #watch: NodeJS.Timeout | undefined;
  #restarts = 0;
  #failuresInARow = 0;
  #startedAt = 0;
  #lowestAnchorMillis = Number.NEGATIVE_INFINITY;
  #isStopping = false;
  #restartTimer: NodeJS.Timeout | undefined;
  #status: ProberStatus = { ipv4: 'none', ipv6: 'none', message: 'The probing thread is starting.', isRunning: false };
  #onReady: (() => void) | undefined;
  #onFailure: ((error: Error) => void) | undefined;

  constructor(parts: ProbingWorkerParts) {
    this.#parts = parts;
    // The monotonic clock of the threads, in their unit.
    const monotonicMillis = Number(process.hrtime.bigint()) / 1e6;
    if (parts.notBefore !== undefined) this.#lowestAnchorMillis = parts.notBefore - monotonicMillis;
  }

  /** Resolves when the self-test is complete; rejects when the thread cannot start. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#onFailure?.(new Error('it did not start in time')), startMillis);
      const settle = (): void => {
        clearTimeout(timer);
        this.#onReady = undefined;
        this.#onFailure = undefined;
      };
      this.#onReady = () => {
        settle();
        resolve();
      };
      this.#onFailure = (error) => {
        settle();
        this.#isStopping = true;
        clearInterval(this.#watch);
        void this.#worker?.terminate();
        reject(error);
      };
      this.#startWorker();
    });
  }

  schedule(change: ScheduleChange): void {
    for (const id of change.remove) {
      this.#targets.delete(id);
      this.#anomalies.delete(id);
    }
    for (const target of change.set) this.#targets.set(target.id, target);
    this.post({ kind: 'schedule', change });
  }

  post(message: ToWorker): void {
    if (this.#worker === undefined) return;
    this.#worker.postMessage(message);
    Atomics.add(this.#call, callPlaces.messages, 1);
    Atomics.notify(this.#call, callPlaces.messages);
  }

  status(): ProberStatus {
    return this.#status;
  }

  counters(): ProberCounters {
    return { ...readCounters(this.#counterMemory), workerRestarts: this.#restarts };
  }

  anomalies(): ReadonlyMap<TargetId, TargetAnomalies> {
    return this.#anomalies;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    clearInterval(this.#watch);
    const worker = this.#worker;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => void worker.terminate(), stopMillis);
      worker.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.post({ kind: 'stop' });
    });
  }

  #startWorker(): void {
    const callMemory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
    this.#call = new Int32Array(callMemory);
    const start: WorkerStart = {
      ...this.#parts.settings,
      counterMemory: this.#counterMemory,
      descriptorMemory: this.#descriptorMemory,
      callMemory,
      lowestAnchorMillis: this.#lowestAnchorMillis,
    };
    const worker = new Worker(this.#parts.url, { workerData: start, name: 'prober' });
    this.#worker = worker;
    this.#startedAt = performance.now();
    let cause: Error | undefined;
    worker.on('message', (message: FromWorker) => {
      // An abandoned thread may still have messages on the way.
      if (this.#worker === worker) this.#onMessage(message);
    });
    worker.on('error', (error) => {
      cause = error instanceof Error ? error : new Error(String(error));
    });
    worker.once('exit', (code) => this.#onExit(worker, cause ?? new Error(`it ended with code ${code}`)));
    this.#watchOver(worker, () => {
      cause = new Error('it stood still');
      return cause;
    });
    this.#parts.onWorker?.(worker);
  }

  #watchOver(worker: Worker, onStill: () => Error): void {
    let [beats, looks] = [0, 0];
    clearInterval(this.#watch);
    this.#watch = setInterval(() => {
      const now = Atomics.load(this.#call, callPlaces.beats);
      looks = now === beats ? looks + 1 : 0;
      beats = now;
      if (looks < (beats === 0 ? stillLooksAtStart : stillLooks)) return;
      clearInterval(this.#watch);
      const cause = onStill();
      setTimeout(() => this.#onExit(worker, cause), terminateMillis).unref();
      void worker.terminate();
    }, this.#parts.watchMillis);
    this.#watch.unref();
  }

  #onMessage(message: FromWorker): void {
    switch (message.kind) {
      case 'results':
        this.#parts.onResults(message.batch);
        break;
      case 'anomalies':
        this.#addAnomalies(message.rows);
        break;
      case 'notice':
        this.#parts.onNotice(message.message);
        break;
      case 'ready':
        this.#status = { ...message.status, isRunning: true };
        this.#lowestAnchorMillis = message.anchorMillis;
        this.post({ kind: 'schedule', change: { set: [...this.#targets.values()], remove: [] } });
        this.#onReady?.();
        break;
      case 'anchor':
        this.#lowestAnchorMillis = message.anchorMillis;
        break;
      case 'hop':
      case 'round':
      case 'traced':
      case 'trace-failed':
        this.#parts.onTrace(message);
        break;
      default:
        message satisfies never;
    }
  }

  #addAnomalies(rows: AnomalyRows): void {
    eachAnomaly(rows, (targetId, more) => {
      const id = parseTargetId(targetId);
      // What is still reported for a removed target is discarded.
      if (id === undefined || !this.#targets.has(id)) return;
      this.#anomalies.set(id, addAnomalies(this.#anomalies.get(id) ?? noAnomalies, more));
    });
  }

  #onExit(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    clearInterval(this.#watch);
    closeNoted(this.#descriptorMemory);
    this.#status = { ...this.#status, isRunning: false };
    this.#parts.onGone();
    if (this.#isStopping) return;
    if (this.#onFailure !== undefined) {
      this.#onFailure(cause);
      return;
    }
    const isSettled = performance.now() - this.#startedAt > settledMillis;
    const failures = isSettled ? 0 : Math.min(this.#failuresInARow, restartMillis.length - 1);
    this.#failuresInARow = failures + 1;
    this.#restarts++;
    this.#parts.onNotice(`A probing thread died (${cause.message}) and is being restarted.`);
    this.#restartTimer = setTimeout(() => this.#startWorker(), restartMillis[failures]);
  }
}
