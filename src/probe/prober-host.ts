import { Worker } from 'node:worker_threads';
import type { TargetId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { Path } from '../core/path.ts';
import { closeNoted, createDescriptorMemory } from './open-descriptors.ts';
import type {
  PingChange,
  PingTarget,
  ProbeMethod,
  Prober,
  ProberCounters,
  ProberOptions,
  ProberStatus,
  TraceListener,
  TraceRequest,
} from './probe.ts';
import type { ReverseLookup } from './reverse-dns.ts';
import { allMethods } from './self-test.ts';
import { createCounterMemory, readCounters } from './shared-counters.ts';
import { TraceRequests } from './trace-requests.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

/** What tests decide and operators do not. */
export interface HostInternals {
  readonly methods?: readonly ProbeMethod[];
  /** Called with each probing thread as it starts. */
  readonly onWorker?: (worker: Worker) => void;
  /** In place of the system's resolver. */
  readonly reverseLookup?: ReverseLookup;
}

const startMillis = 10_000;
const stopMillis = 1400;
const restartMillis = [0, 200, 1000, 5000, 30_000] as const;
/** A thread that lived this long starts over with the short waits. */
const settledMillis = 60_000;

// The running file's own extension: .ts from the sources, .js after the build.
const workerUrl = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Starts the probing thread and keeps it running; resolves when its self-test is done. */
export async function openProberHost(options: ProberOptions, internals: HostInternals = {}): Promise<Prober> {
  const host = new ProberHost(options, internals);
  await host.start();
  return host;
}

class ProberHost implements Prober {
  readonly #options: ProberOptions;
  readonly #internals: HostInternals;
  readonly #targets = new Map<TargetId, PingTarget>();
  readonly #counterMemory = createCounterMemory();
  #worker: Worker | undefined;
  readonly #descriptorMemory = createDescriptorMemory();
  /** Counts the messages to the worker, so that it hears of one while it sleeps. */
  #called = new Int32Array(new SharedArrayBuffer(0));
  #workerRestarts = 0;
  #failuresInARow = 0;
  #startedAt = 0;
  #lowestAnchorMillis = Number.NEGATIVE_INFINITY;
  #isStopping = false;
  #restartTimer: NodeJS.Timeout | undefined;
  readonly #traces: TraceRequests;
  #status: ProberStatus = { ipv4: 'none', ipv6: 'none', message: 'The probing thread is starting.', isRunning: false };
  #onReady: (() => void) | undefined;
  #onFailure: ((error: Error) => void) | undefined;

  constructor(options: ProberOptions, internals: HostInternals) {
    this.#options = options;
    this.#internals = internals;
    this.#traces = new TraceRequests({
      post: (message) => this.#post(message),
      methodOf: (family) => (family === 4 ? this.#status.ipv4 : this.#status.ipv6),
      tracerouteBinary: options.tracerouteBinary,
      reverseLookup: internals.reverseLookup,
    });
  }

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
        void this.#worker?.terminate();
        const message = `The probing thread cannot start: ${error.message}.`;
        reject(new Problem('prober-unavailable', message, { cause: error }));
      };
      this.#startWorker();
    });
  }

  ping(change: PingChange): void {
    for (const id of change.remove) this.#targets.delete(id);
    for (const target of change.set) this.#targets.set(target.id, target);
    this.#post({ kind: 'ping', change });
  }

  trace(request: TraceRequest, signal: AbortSignal, listener?: TraceListener): Promise<Path> {
    return this.#traces.trace(request, signal, listener);
  }

  status(): ProberStatus {
    return this.#status;
  }

  counters(): ProberCounters {
    return { ...readCounters(this.#counterMemory), workerRestarts: this.#workerRestarts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    const worker = this.#worker;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => void worker.terminate(), stopMillis);
      worker.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#post({ kind: 'stop' });
    });
  }

  #post(message: ToWorker): void {
    if (this.#worker === undefined) return;
    this.#worker.postMessage(message);
    Atomics.add(this.#called, 0, 1);
    Atomics.notify(this.#called, 0);
  }

  #startWorker(): void {
    const { timeoutMillis, maxInFlight } = this.#options;
    const callMemory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#called = new Int32Array(callMemory);
    const start: WorkerStart = {
      timeoutMillis,
      maxInFlight,
      methods: this.#internals.methods ?? allMethods,
      counterMemory: this.#counterMemory,
      descriptorMemory: this.#descriptorMemory,
      callMemory,
      lowestAnchorMillis: this.#lowestAnchorMillis,
    };
    const worker = new Worker(workerUrl, { workerData: start, name: 'prober' });
    this.#worker = worker;
    this.#startedAt = performance.now();
    let cause: Error | undefined;
    worker.on('message', (message: FromWorker) => this.#onMessage(message));
    worker.on('error', (error) => {
      cause = error instanceof Error ? error : new Error(String(error));
    });
    worker.once('exit', (code) => this.#onExit(worker, cause ?? new Error(`it ended with code ${code}`)));
    this.#internals.onWorker?.(worker);
  }

  #onMessage(message: FromWorker): void {
    switch (message.kind) {
      case 'results':
        this.#options.onResults(message.batch);
        break;
      case 'notice':
        this.#options.onNotice(message.message);
        break;
      case 'ready':
        this.#status = { ...message.status, isRunning: true };
        this.#lowestAnchorMillis = message.anchorMillis;
        this.#post({ kind: 'ping', change: { set: [...this.#targets.values()], remove: [] } });
        this.#onReady?.();
        break;
      case 'anchor':
        this.#lowestAnchorMillis = message.anchorMillis;
        break;
      case 'hop':
      case 'round':
        this.#traces.tell(message);
        break;
      case 'traced':
      case 'trace-failed':
        this.#traces.settle(message);
        break;
      default:
        message satisfies never;
    }
  }

  #onExit(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    closeNoted(this.#descriptorMemory);
    this.#status = { ...this.#status, isRunning: false };
    this.#traces.failAll('The probing thread ended during the trace.');
    if (this.#isStopping) return;
    if (this.#onFailure !== undefined) {
      this.#onFailure(cause);
      return;
    }
    const isSettled = performance.now() - this.#startedAt > settledMillis;
    const failures = isSettled ? 0 : Math.min(this.#failuresInARow, restartMillis.length - 1);
    this.#failuresInARow = failures + 1;
    this.#workerRestarts++;
    this.#options.onNotice(`The probing thread died (${cause.message}) and is being restarted.`);
    this.#restartTimer = setTimeout(() => this.#startWorker(), restartMillis[failures]);
  }
}
