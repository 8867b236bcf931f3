import type { EpochMillis, TargetId, VantageId } from '../core/ids.ts';
import type { ResultBatch } from '../core/result/probe-result.ts';
import { type ProbePolicy, isProbeAllowed } from '../core/target/probe-policy.ts';
import { Problem, messageOf } from '../core/problem.ts';
import type { Target } from '../core/target/target.ts';
import { type StateOfTarget, stateOfTarget } from '../core/outage/target-state.ts';
import type { NameResolver, Prober, ProberOptions } from '../probe/probe.ts';
import type { Retention, Storage } from '../storage/storage.ts';
import { type HistoryClock, createHistoryClock } from './clock.ts';
import { type Feed, createFeed } from './feed.ts';
import { type TtlBounds, createNames } from './targets/names.ts';
import { type HistoryImports, openImports } from './imports.ts';
import type { ProbeLimits } from './targets/limits.ts';
import { type NotSentWatch, createNotSentWatch } from './outages/not-sent.ts';
import { type Recorder, startRecorder } from '../recording/recording.ts';
import { type SpoolOptions, openSpool } from '../recording/recording.ts';
import { type Seeding, createSeeding } from './seed.ts';
import { rememberLastHour, rememberOpenOutages } from './outages/state-history.ts';
import { type TargetStates, createTargetStates } from './outages/target-states.ts';
import type { Targets } from './targets/port.ts';
import { createTargets } from './targets/targets.ts';
import { type Traces, openTraces } from './paths/traces.ts';
import { startUpkeep } from './upkeep/upkeep.ts';

export type { HistoryImports, RunningImport } from './imports.ts';

/** The clock does not continue from times further ahead than this: results of a wrong day would be followed by others. */
const aheadMaxMillis = 86_400_000;

/** The running service: probes what the storage lists, records the results, accepts every command. */
export interface Monitor extends AsyncDisposable {
  readonly targets: Targets;
  readonly traces: Traces;
  readonly states: Pick<TargetStates, 'stateOf' | 'notSent'>;
  /** The one rule for everything that reports a target's state. */
  stateOfTarget(target: Target): StateOfTarget;
  /** The same for a target that is being probed. */
  probedStateOf(id: TargetId): StateOfTarget;
  readonly feed: Pick<Feed, 'subscribe' | 'listenerCount'>;
  readonly seeding: Seeding;
  readonly imports: HistoryImports;
  readonly prober: Pick<Prober, 'status' | 'counters' | 'anomalies'>;
  readonly recorder: Pick<Recorder, 'status'>;
  readonly notSent: NotSentWatch;
  readonly retention: Retention;
  /** What went wrong with sealing and retention the last time, if anything did. */
  upkeepFailure(): string | undefined;
}

export interface MonitorDependencies {
  /** Where the prober is. */
  readonly vantage: VantageId;
  readonly storage: Storage;
  readonly openProber: (given: Pick<ProberOptions, 'onResults' | 'onNotice' | 'notBefore'>) => Promise<Prober>;
  readonly clock: HistoryClock;
  readonly policy: ProbePolicy;
  readonly limits: ProbeLimits;
  readonly resolver: NameResolver;
  readonly ttlBounds: TtlBounds;
  readonly retention: Retention;
  readonly spool: Pick<SpoolOptions, 'folder' | 'maxBytes'>;
  readonly onNotice: (message: string) => void;
}

/** Starts probing every active target of the storage. Disposing flushes the last results before it resolves. */
export async function openMonitor(dependencies: MonitorDependencies): Promise<Monitor> {
  const { vantage, storage, openProber, clock, policy, limits, retention, onNotice } = dependencies;
  await using stack = new AsyncDisposableStack();
  const feed = createFeed((error) => onNotice(`A listener to live results failed: ${messageOf(error)}`));
  const notSent = createNotSentWatch(feed, clock);
  const spool = stack.use(await openSpool({ ...dependencies.spool, vantage, onNotice }));
  const states = createTargetStates({
    stored: [...(await storage.listStates()), ...spool.leftoverStates],
    vantage,
    now: clock.now,
  });
  await rememberLastHour({ storage, states, vantage, now: clock.now() });
  if (spool.commits > 0)
    onNotice(`${spool.results} results wait in the spool since the last run; they are stored now.`);
  const upkeep = stack.use(startUpkeep({ storage, retention, clock, onNotice }));
  const recorder = stack.use(startRecorder({ vantage, storage, spool, states, feed, clock, onNotice }));
  const notBefore = await newestAhead(storage, clock, vantage);
  const onResults = (batch: ResultBatch): void => {
    for (let index = 0; index < batch.length; index++) clock.reach(batch.sentAtMillis[index] ?? 0);
    recorder.record(batch);
  };
  const prober = stack.use(await openProber({ onResults, onNotice, notBefore }));
  refuseWithoutMethod(prober);
  const { resolver, ttlBounds: bounds } = dependencies;
  const names = stack.use(createNames({ resolver, clock, policy, bounds, onNotice }));
  const targets = createTargets({ storage, prober, recorder, states, feed, clock, names, policy, limits });
  // What is counted there is older than all results to come, and nobody waits for it.
  if (spool.commits === 0) {
    rememberOpenOutages({ storage, states, vantage, now: clock.now() }).catch((error: unknown) => {
      onNotice(`Losses of outages before the start are not known: ${messageOf(error)}`);
    });
  }
  await probeActiveTargets({ storage, prober, targets, onNotice });
  for (const target of await storage.listTargets()) names.follow(target);
  names.start((id, hostname, answer) => targets.onAnswer(id, hostname, answer));
  const imports = stack.use(await openImports({ vantage, storage, clock, onNotice }));
  const traces = await openTraces({ vantage, prober, storage, feed, onNotice });
  const parts = stack.move();
  return {
    targets,
    traces,
    states,
    stateOfTarget: (target) => stateIn(target, states, policy),
    probedStateOf: (id) => stateOfTarget(probedFacts, states.stateOf(id)),
    feed,
    seeding: createSeeding({ vantage, storage, clock }),
    imports,
    prober,
    recorder,
    notSent,
    retention,
    upkeepFailure: () => upkeep.failure(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

const probedFacts = { isActive: true, isSynthetic: false, isDeleted: false, isAllowed: true, createdAt: 0 };

function stateIn(target: Target, states: Pick<TargetStates, 'stateOf'>, policy: ProbePolicy): StateOfTarget {
  const facts = { ...target, isDeleted: target.deletedAt !== null, isAllowed: isProbeAllowed(target.ip, policy) };
  return stateOfTarget(facts, states.stateOf(target.id));
}

/** If the newest result is ahead of the clock, by a day at most, the clock was set back, and time continues from the result. */
async function newestAhead(
  storage: Storage,
  clock: HistoryClock,
  vantage: VantageId,
): Promise<EpochMillis | undefined> {
  const ids = (await storage.listTargets()).map(({ id }) => id);
  const from = clock.wall();
  const rows = await storage.readFleet({ ids, vantage, from, to: from + aheadMaxMillis, sparkBuckets: 1 });
  const newest = rows.reduce((latest, { lastSentAt = 0 }) => Math.max(latest, lastSentAt), 0);
  if (newest <= from || newest > from + aheadMaxMillis) return undefined;
  clock.reach(newest);
  return newest;
}

/** A server that cannot probe at all would only appear to work. */
function refuseWithoutMethod(prober: Prober): void {
  const { ipv4, ipv6, message } = prober.status();
  if (ipv4 === 'none' && ipv6 === 'none') throw new Problem('prober-unavailable', message);
}

async function probeActiveTargets({
  storage,
  prober,
  targets,
  onNotice,
}: Pick<MonitorDependencies, 'storage' | 'onNotice'> & { prober: Prober; targets: Targets }): Promise<void> {
  const active = (await storage.listTargets()).filter((target) => target.isActive && !target.isSynthetic);
  const allowed = active.filter(({ ip }) => {
    try {
      targets.checkPolicy(ip);
      return true;
    } catch (error) {
      onNotice(`Not probing ${ip}: ${messageOf(error)}`);
      return false;
    }
  });
  prober.schedule({ set: allowed, remove: [] });
}

export { createHistoryClock };
export { createConcurrencyLimit } from './paths/concurrency-limit.ts';
export { readGateway } from './paths/gateway.ts';
export type { AskedTarget } from './targets/names.ts';
export type { BulkChange } from './targets/target-changes.ts';
