import type { NewEvent } from '../core/event/event.ts';
import type { EpochMillis, SeriesKey, VantageId } from '../core/ids.ts';
import { outageEvent } from '../core/outage/outage-log.ts';
import { type OutageState, observe, unknownOutageState } from '../core/outage/outage.ts';
import type { Path } from '../core/path/path.ts';
import type { OutcomeCode, ResultBatch } from '../core/result/probe-result.ts';
import { Problem } from '../core/problem.ts';
import { pathChangeEvent, pathChange } from '../core/path/path-change.ts';
import { type SyntheticPath, syntheticPath } from '../core/synthetic/synthetic-path.ts';
import { createSyntheticHistory } from '../core/synthetic/synthetic.ts';
import type { Target } from '../core/target/target.ts';
import type { Storage } from '../storage/storage.ts';
import type { Clock } from '../recording/recording.ts';

export interface SeedPlan {
  readonly targets: number;
  readonly years: number;
  readonly intervalMillis: number;
  readonly lossRatio: number;
  readonly seed: number;
  /** Erases the targets of earlier seeds first. */
  readonly isReset: boolean;
}

export interface SeedProgress {
  readonly stage: 'reset' | 'target' | 'done';
  readonly targetsDone: number;
  readonly results: number;
  /** 0..1 */
  readonly fraction: number;
}

export interface Seeding {
  /**
   * Makes synthetic targets with history up to now and reports progress. Throws a Problem `target-exists` when an address is in
   * use or another seed is running. When aborted, it stops between two months; what was made until then stays.
   */
  run(plan: SeedPlan, signal: AbortSignal): AsyncGenerator<SeedProgress>;
}

const hourMillis = 3_600_000;
const traces = 6;
const traceEveryMillis = 6 * hourMillis;
const yearMillis = 365.25 * 24 * hourMillis;

export function createSeeding({
  vantage,
  storage,
  clock,
}: {
  readonly vantage: VantageId;
  readonly storage: Storage;
  readonly clock: Clock;
}): Seeding {
  let isRunning = false;

  async function* seed(plan: SeedPlan, signal: AbortSignal): AsyncGenerator<SeedProgress> {
    if (plan.isReset) {
      yield { stage: 'reset', targetsDone: 0, results: 0, fraction: 0 };
      for (const target of await storage.listTargets()) if (target.isSynthetic) await storage.purgeTarget(target.id);
    }
    const now = clock.now();
    const from = Math.floor((now - plan.years * yearMillis) / hourMillis) * hourMillis;
    const targets = await addSyntheticTargets(storage, plan, from);
    let results = 0;
    for (const [index, target] of targets.entries()) {
      const history = createSyntheticHistory({ ...plan, index, targetId: target.id });
      const outage = unknownOutageState();
      for (const [start, end] of monthsOf(from, now)) {
        if (signal.aborted) return;
        const batch = history.results(start, end);
        results += batch.length;
        await storage.backfill(batch, { vantage, isRawDroppedWhenAged: true });
        await storage.addEvents(outageEvents(batch, { targetId: target.id, vantage }, outage));
        const fraction = (index + (end - from) / (now - from)) / targets.length;
        yield { stage: 'target', targetsDone: index + (end === now ? 1 : 0), results, fraction };
      }
      await addPaths(
        storage,
        { seed: plan.seed, index, ip: target.ip, ...history.distance() },
        { vantage, target, from, now },
      );
    }
    yield { stage: 'done', targetsDone: targets.length, results, fraction: 1 };
  }

  return {
    async *run(plan, signal) {
      if (isRunning) throw new Problem('target-exists', 'A seed is running already; wait until it has ended.');
      isRunning = true;
      try {
        yield* seed(plan, signal);
      } finally {
        isRunning = false;
      }
    },
  };
}

/** What the recorder would have derived from these results. */
function outageEvents(batch: ResultBatch, key: SeriesKey, state: OutageState): readonly NewEvent[] {
  const events: NewEvent[] = [];
  for (let index = 0; index < batch.length; index++) {
    const at = batch.sentAtMillis[index] ?? 0;
    const change = observe(state, at, batch.outcomes[index] as OutcomeCode);
    if (change === undefined) continue;
    events.push(outageEvent(key, change, at));
  }
  return events;
}

interface SeededStretch {
  readonly vantage: VantageId;
  readonly target: Target;
  readonly from: EpochMillis;
  readonly now: EpochMillis;
}

/** Traces of roughly the last day; the route changed before the last three of them. */
async function addPaths(
  storage: Storage,
  route: SyntheticPath,
  { vantage, target, from, now }: SeededStretch,
): Promise<void> {
  const earlier: Path[] = [];
  for (let trace = traces; trace > 0; trace--) {
    const at = now - trace * traceEveryMillis;
    if (at < from) continue;
    const path = syntheticPath(route, at, trace > traces / 2);
    const change = pathChange(path, earlier);
    const events =
      change === undefined ? [] : [pathChangeEvent({ targetId: target.id, vantage }, change, path.finishedAt)];
    await storage.addTrace({ targetId: target.id, vantage, path }, events);
    earlier.unshift(path);
  }
}

/** 198.18.0.0/15 is set aside for benchmarks (RFC 2544), so it contains nobody's hosts. */
function syntheticAddress(index: number): string {
  const host = index + 1;
  return `198.${18 + (host >> 16)}.${(host >> 8) & 0xff}.${host & 0xff}`;
}

async function addSyntheticTargets(storage: Storage, plan: SeedPlan, from: EpochMillis): Promise<readonly Target[]> {
  const addresses = Array.from({ length: plan.targets }, (_, index) => syntheticAddress(index));
  const taken = (await storage.listTargets()).filter((target) => addresses.includes(target.ip));
  if (taken.length > 0) {
    const what = `${taken.length} of the addresses (${taken[0]?.ip ?? ''} …) are targets already`;
    throw new Problem('target-exists', `${what}; --reset erases earlier synthetic targets first.`);
  }
  const added = await storage.addTargets(
    addresses.map((ip) => ({
      ip,
      intervalMillis: plan.intervalMillis,
      url: null,
      notes: `Synthetic history (seed ${plan.seed}), never probed`,
      isActive: false,
      isSynthetic: true,
    })),
    from,
    'Synthetic history made; never probed',
  );
  return added;
}

/** Stretches that end with the UTC month, the last one at `to`. */
function* monthsOf(from: EpochMillis, to: EpochMillis): Generator<readonly [EpochMillis, EpochMillis]> {
  let start = from;
  while (start < to) {
    const date = new Date(start);
    const end = Math.min(to, Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1));
    yield [start, end];
    start = end;
  }
}
