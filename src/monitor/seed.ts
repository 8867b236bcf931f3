import type { EpochMillis } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { createSyntheticHistory } from '../core/synthetic.ts';
import type { Target } from '../core/target.ts';
import type { Storage } from '../storage/storage.ts';
import type { Clock } from './clock.ts';

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
   * Makes synthetic targets with history up to now and says how far it is. A Problem `target-exists` when an address
   * is in use or another seed is running. Stops between two months when aborted; what was made until then stays.
   */
  run(plan: SeedPlan, signal: AbortSignal): AsyncGenerator<SeedProgress>;
}

const hourMillis = 3_600_000;
const yearMillis = 365.25 * 24 * hourMillis;

export function createSeeding({ storage, clock }: { readonly storage: Storage; readonly clock: Clock }): Seeding {
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
      for (const [start, end] of monthsOf(from, now)) {
        if (signal.aborted) return;
        const batch = history.results(start, end);
        results += batch.length;
        await storage.backfill(batch, { isRawDroppedWhenAged: true });
        const fraction = (index + (end - from) / (now - from)) / targets.length;
        yield { stage: 'target', targetsDone: index + (end === now ? 1 : 0), results, fraction };
      }
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

/** 198.18.0.0/15 is set aside for benchmarks (RFC 2544): no host of anybody's. */
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
