import { Counter, Gauge, Registry, collectDefaultMetrics } from '@prometheus-io/client';
import type { AnomalyName } from '../../core/result/anomalies.ts';
import { targetStates } from '../../core/outage/target-state.ts';
import type { ApiDependencies, Streams } from '../dependencies.ts';
import { healthSoon } from './readiness.ts';
import { textOf } from './sliced-counter.ts';

const prefix = 'pingmedaddy_';

type Counters = ReturnType<ApiDependencies['monitor']['prober']['counters']>;
type Counted = Exclude<keyof Counters, 'latenessP50Micros' | 'latenessP99Micros' | 'targets'>;

const probeCounters: Readonly<Record<Counted, readonly [name: string, help: string]>> = {
  sent: ['probes_sent_total', 'Probes handed to the network'],
  replies: ['probe_replies_total', 'Probes that were answered in time'],
  timeouts: ['probe_timeouts_total', 'Probes that nobody answered in time'],
  unreachable: ['probe_unreachable_total', 'Probes without a reply in time for which an ICMP error came'],
  notSent: ['probes_not_sent_total', 'Probes that this machine failed to send: no loss of the target'],
  duplicates: ['replies_duplicate_total', 'Further replies to an answered probe'],
  lateReplies: ['replies_late_total', 'Replies after the timeout'],
  wrongReplies: ['replies_wrong_total', 'Replies whose source, identifier, sequence or token did not agree'],
  wrongSources: ['replies_wrong_source_total', 'Of the wrong replies, those to a probe of ours from another address'],
  wrongTokens: ['replies_wrong_token_total', 'Of the wrong replies, those to a probe of ours without its token'],
  icmpErrors: ['icmp_errors_total', 'ICMP errors that quote a probe of ours'],
  receiveOverflows: ['receive_overflows_total', 'Packets the kernel dropped because our receive buffer was full'],
  workerRestarts: ['probing_thread_restarts_total', 'Restarts of the probing thread'],
};

const anomalyKinds: Readonly<Record<AnomalyName, string>> = {
  duplicates: 'duplicate',
  lateReplies: 'late',
  wrongSources: 'wrong_source',
  wrongTokens: 'wrong_token',
  icmpErrors: 'icmp_error',
  localDrops: 'local_drop',
};

export interface Metrics {
  readonly contentType: string;
  /** Everything that does not grow with the fleet is read before this resolves, so that a failure there fails the request. */
  text(): Promise<AsyncGenerator<string>>;
}

/** What Prometheus scrapes; every figure is read on request. */
export function createMetrics({
  monitor,
  storage,
  streams,
  now,
}: Pick<ApiDependencies, 'monitor' | 'storage' | 'now'> & { readonly streams: Streams }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // Each check wakes the process, which sleeps much with few targets.
  collectDefaultMetrics({ register: registry, eventLoopUtilizationTimeout: 1000 });

  function count(name: string, help: string, read: () => number): void {
    new Counter({
      name: prefix + name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
  function gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name: prefix + name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  }

  for (const key of Object.keys(probeCounters) as Counted[]) {
    const [name, help] = probeCounters[key];
    count(name, help, () => monitor.prober.counters()[key]);
  }
  new Gauge({
    name: `${prefix}targets`,
    help: 'Targets by state',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      const targets = await storage.listTargets().catch(() => undefined);
      if (targets === undefined) return;
      const counts = new Map(targetStates.map((state) => [state, 0]));
      for (const target of targets) {
        const { state } = monitor.stateOfTarget(target);
        counts.set(state, (counts.get(state) ?? 0) + 1);
      }
      for (const [state, count] of counts) this.set({ state }, count);
    },
  });
  gauge('targets_probed', 'Targets on the schedule', () => monitor.prober.counters().targets);
  const seconds = 1e-6;
  gauge('send_lateness_p50_seconds', 'Sends behind their slot, median of 10 s', () => {
    return monitor.prober.counters().latenessP50Micros * seconds;
  });
  gauge('send_lateness_p99_seconds', 'Sends behind their slot, 99th percentile of 10 s', () => {
    return monitor.prober.counters().latenessP99Micros * seconds;
  });
  count('results_stored_total', 'Results committed to the storage', () => monitor.recorder.status().storedResults);
  count('results_dropped_total', 'Results given up because the storage was away', () => {
    return monitor.recorder.status().droppedResults;
  });
  gauge('open_streams', 'Readers of the event stream', () => streams.counts().open);
  count('streams_dropped_total', 'Streams ended because their reader did not keep up', () => streams.counts().dropped);
  gauge('results_pending', 'Results that wait in memory for the storage', () => {
    return monitor.recorder.status().pendingResults;
  });
  gauge('results_spooled', 'Results that wait on disk for the storage', () => {
    return monitor.recorder.status().spooledResults;
  });
  gauge('spool_bytes', 'Size of the spool on disk', () => monitor.recorder.status().spooledBytes);
  // A figure that is unknown at the moment must not remove the others.
  gauge('storage_bytes', 'Size of the database', async () => {
    return healthSoon(storage).then(
      ({ sizeBytes }) => sizeBytes,
      () => Number.NaN,
    );
  });
  gauge(
    'rollups_behind_seconds',
    'Age of the newest minute in the rollups; not a number where they come with results',
    async () =>
      healthSoon(storage).then(
        ({ rolledUpUntil }) => (rolledUpUntil === undefined ? Number.NaN : Math.max(0, (now() - rolledUpUntil) / 1000)),
        () => Number.NaN,
      ),
  );
  gauge('stream_readers', 'Open event streams', () => monitor.feed.listenerCount);

  function* anomalies(): Generator<readonly [{ readonly target: number; readonly kind: string }, number]> {
    for (const [target, counts] of monitor.prober.anomalies()) {
      for (const [kind, value] of Object.entries(counts)) {
        if (value > 0) yield [{ target, kind: anomalyKinds[kind as AnomalyName] }, value];
      }
    }
  }
  async function* parts(ofServer: string): AsyncGenerator<string> {
    yield `${ofServer}\n`;
    yield* textOf(registry, {
      name: `${prefix}target_oddities_total`,
      help: 'Unexpected replies by target, such as duplicates and late ones; targets without any are left out',
      labelNames: ['target', 'kind'],
      series: anomalies(),
    });
  }
  return { contentType: registry.contentType, text: async () => parts(await registry.metrics()) };
}
