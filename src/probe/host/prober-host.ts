import type { Worker } from 'node:worker_threads';
import type { TargetId } from '../../core/ids.ts';
import type { Path } from '../../core/path/path.ts';
import { Problem, messageOf } from '../../core/problem.ts';
import type {
  ScheduleChange,
  ProbedTarget,
  ProbeMethod,
  Prober,
  ProberCounters,
  ProberOptions,
  ProberStatus,
  TraceListener,
  TraceRequest,
} from '../port.ts';
import { ProbingWorker } from './probing-worker.ts';
import type { TraceMessage } from './probing-worker.ts';
import type { TargetAnomalies } from '../../core/result/anomalies.ts';
import type { ReverseLookup } from '../names/reverse-dns.ts';
import { allMethods } from '../icmp/self-test.ts';
import { addCounters } from '../lane/shared-counters.ts';
import { TraceRequests } from './trace-requests.ts';

/** Options for tests, not for operators. */
export interface HostInternals {
  readonly methods?: readonly ProbeMethod[];
  /** Called with each probing thread as it starts. */
  readonly onWorker?: (worker: Worker) => void;
  /** Instead of the system's resolver. */
  readonly reverseLookup?: ReverseLookup;
  /** The program of the probing threads. */
  readonly workerUrl?: URL;
  /** Time between two checks that a thread is alive. */
  readonly watchMillis?: number;
}

const watchMillis = 1000;

// The running file's own extension: .ts from the sources, .js after the build.
const workerUrl = new URL(`../thread/worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Starts the probing threads and keeps them running; resolves when their self-tests are complete. */
export async function openProberHost(options: ProberOptions, internals: HostInternals = {}): Promise<Prober> {
  const host = new ProberHost(options, internals);
  await host.start();
  return host;
}

/** Distributes the targets among probing threads, by id, and presents them as one prober. Traces run in the first. */
class ProberHost implements Prober {
  readonly #workers: readonly ProbingWorker[];
  readonly #traces: TraceRequests;

  constructor(options: ProberOptions, internals: HostInternals) {
    const { timeoutMillis, maxInFlight, onResults, onNotice, threads = 1, notBefore } = options;
    // A limit applies to all threads together, and each needs at least one of it.
    const count = maxInFlight > 0 ? Math.min(threads, maxInFlight) : threads;
    this.#workers = Array.from({ length: count }, (_, index) => {
      return new ProbingWorker({
        url: internals.workerUrl ?? workerUrl,
        settings: {
          timeoutMillis,
          maxInFlight: Math.floor(maxInFlight / count),
          methods: internals.methods ?? allMethods,
          shard: { index, count },
        },
        watchMillis: internals.watchMillis ?? watchMillis,
        notBefore,
        onResults,
        onNotice,
        onTrace: (message) => this.#onTrace(message),
        onGone: () => {
          if (index === 0) this.#traces.failAll('The probing thread ended during the trace.');
        },
        onWorker: internals.onWorker,
      });
    });
    this.#traces = new TraceRequests({
      post: (message) => this.#workers[0]?.post(message),
      methodOf: (family) => (family === 4 ? this.status().ipv4 : this.status().ipv6),
      tracerouteBinary: options.tracerouteBinary,
      reverseLookup: internals.reverseLookup,
    });
  }

  async start(): Promise<void> {
    try {
      await Promise.all(this.#workers.map((worker) => worker.start()));
    } catch (error) {
      await this[Symbol.asyncDispose]();
      const reason = messageOf(error);
      throw new Problem('prober-unavailable', `The probing thread cannot start: ${reason}.`, { cause: error });
    }
  }

  schedule({ set, remove }: ScheduleChange): void {
    const { length } = this.#workers;
    const shardOf = (id: TargetId): number => id % length;
    if (length === 1) {
      this.#workers[0]?.schedule({ set, remove });
      return;
    }
    const shares = this.#workers.map(() => ({ set: [] as ProbedTarget[], remove: [] as TargetId[] }));
    for (const id of remove) shares[shardOf(id)]?.remove.push(id);
    for (const target of set) shares[shardOf(target.id)]?.set.push(target);
    shares.forEach((share, index) => {
      if (share.set.length + share.remove.length > 0) this.#workers[index]?.schedule(share);
    });
  }

  trace(request: TraceRequest, signal: AbortSignal, listener?: TraceListener): Promise<Path> {
    return this.#traces.trace(request, signal, listener);
  }

  status(): ProberStatus {
    const statuses = this.#workers.map((worker) => worker.status());
    const [first] = statuses;
    if (first === undefined) throw new Error('a prober without a thread');
    return { ...first, isRunning: statuses.every(({ isRunning }) => isRunning) };
  }

  counters(): ProberCounters {
    return addCounters(this.#workers.map((worker) => worker.counters()));
  }

  anomalies(): ReadonlyMap<TargetId, TargetAnomalies> {
    return new Map(this.#workers.flatMap((worker) => [...worker.anomalies()]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker[Symbol.asyncDispose]()));
  }

  #onTrace(message: TraceMessage): void {
    if (message.kind === 'hop' || message.kind === 'round') this.#traces.tell(message);
    else this.#traces.settle(message);
  }
}
