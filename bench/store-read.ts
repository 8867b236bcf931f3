import { dayMillis, floorTo, hourMillis, minuteMillis } from '../src/core/history/time-buckets.ts';
import { type TargetId, mainVantage } from '../src/core/ids.ts';
import type { Storage } from '../src/storage/storage.ts';
import { addTargets, type Engine, maintainAll } from './store-engine.ts';
import { historyOf, makeSeconds, startAt } from './store-input.ts';
import { type Report, reportRate, reportSpread, timed } from './store-report.ts';

const retention = { rawDays: 3, minuteDays: 31, hourDays: 5 * 365.25 };
const now = startAt + 160 * minuteMillis;
const yearMillis = 365.25 * dayMillis;

export interface ReadPlan {
  readonly targets: number;
  /** How many of them have 1 Hz for a month and 0.1 Hz for five years; the others are sparser where only rollups remain. */
  readonly dense: number;
  readonly rawDays: number;
  readonly minuteDays: number;
  readonly years: number;
  readonly times: number;
}

/** Answers with full retention: raw results of days, minutes of a month, hours of five years. */
export async function measureReads(engine: Engine, report: Report, plan: ReadPlan): Promise<void> {
  await using store = await engine.open(retention, () => now);
  const { storage } = store;
  const ids = await addTargets(storage, plan.targets, startAt);
  let results = 0;
  const millis = await timed(async () => {
    results = await fill(storage, ids, plan);
  });
  reportRate(report, 'backfill of full retention', results, millis / 1000);
  await maintainAll(storage, now, retention);
  await store.settle();
  await appendNewest(storage, ids);
  const windows = [
    ['1 h', hourMillis, minuteMillis],
    ['24 h', dayMillis, 10 * minuteMillis],
    ['30 d', 30 * dayMillis, 6 * hourMillis],
    ['1 y', yearMillis, dayMillis],
    ['5 y', 5 * yearMillis, 7 * dayMillis],
  ] as const;
  for (const [name, length, bucketMillis] of windows) {
    const times: number[] = [];
    for (let turn = 0; turn < plan.times; turn++) {
      const targetId = ids[turn % plan.dense] as TargetId;
      // No two windows end at the same time, as with real readers.
      const to = now - turn * 1777;
      times.push(await timed(() => storage.readWindow({ targetId, vantage: 0, from: to - length, to, bucketMillis })));
    }
    reportSpread(report, `insights ${name}, one target`, times);
  }
  const fleet: number[] = [];
  for (let turn = 0; turn < plan.times / 2; turn++) {
    // It is always requested as of now.
    const to = now - turn * 20;
    fleet.push(
      await timed(() =>
        storage.readFleet({ ids: ids, vantage: mainVantage, from: to - hourMillis, to: to, sparkBuckets: 30 }),
      ),
    );
  }
  reportSpread(report, `fleet of ${ids.length}, last hour`, fleet);
  await measureExport(storage, report, ids[0] as TargetId);
  await measureRetention(storage, report);
}

async function fill(storage: Storage, ids: readonly TargetId[], plan: ReadPlan): Promise<number> {
  let count = 0;
  for (const [index, id] of ids.entries()) {
    const isDense = index < plan.dense;
    const stretches = [
      { fromDays: plan.years * 365.25, toDays: plan.minuteDays, intervalMillis: isDense ? 10_000 : 600_000 },
      { fromDays: plan.minuteDays, toDays: plan.rawDays, intervalMillis: isDense ? 1000 : 60_000 },
      { fromDays: plan.rawDays, toDays: 0, intervalMillis: 1000 },
    ];
    for (const { fromDays, toDays, intervalMillis } of stretches) {
      const history = historyOf(index, id, intervalMillis);
      const from = floorTo(startAt - fromDays * dayMillis, dayMillis);
      const to = floorTo(startAt - toDays * dayMillis, dayMillis);
      const stepMillis = Math.max(dayMillis, 200_000 * intervalMillis);
      for (let at = from; at < to; at += stepMillis) {
        const batch = history.results(at, Math.min(to, floorTo(at + stepMillis, dayMillis)));
        at = floorTo(at, dayMillis);
        count += batch.length;
        await storage.backfill(batch, { vantage: mainVantage, isRawDroppedWhenAged: true });
      }
    }
  }
  return count;
}

/** The newest hours arrive like newly probed results. */
async function appendNewest(storage: Storage, ids: readonly TargetId[]): Promise<void> {
  const seconds = (now - startAt) / 1000;
  const input = makeSeconds(ids, seconds);
  for (let second = 0; second < seconds; second++) {
    await storage.append({
      source: 'bench',
      sequence: second + 1,
      vantage: mainVantage,
      results: input.second(second),
      events: [],
    });
  }
  await maintainAll(storage, now, retention);
}

async function measureExport(storage: Storage, report: Report, id: TargetId): Promise<void> {
  let rows = 0;
  const millis = await timed(async () => {
    for await (const batch of storage.streamResults({ targetId: id, vantage: mainVantage }, 0, now))
      rows += batch.length;
  });
  reportRate(report, 'export of one target', rows, millis / 1000);
}

async function measureRetention(storage: Storage, report: Report): Promise<void> {
  // SQLite deletes six hours at a time: once for what is due by now, so that the next six contain one deletion only.
  await maintainAll(storage, now, retention);
  let deleted = 0;
  const millis = await timed(async () => {
    for (let hasMore = true; hasMore;) {
      const outcome = await storage.maintain(now + 6 * hourMillis, retention);
      deleted += outcome.deletedBlocks;
      hasMore = outcome.hasMore;
    }
  });
  const value = `${millis.toFixed(1)} ms for ${deleted} blocks`;
  report({ name: 'delete the oldest six hours', value, numbers: { millis, blocks: deleted } });
}

/** `pmd seed --targets 12 --years 2.5 --interval-seconds 60`, without HTTP. */
export async function measureSeed(engine: Engine, report: Report, years: number): Promise<void> {
  await using store = await engine.open(retention, () => startAt);
  const ids = await addTargets(store.storage, 12, startAt);
  const monthMillis = 30 * dayMillis;
  let results = 0;
  const millis = await timed(async () => {
    for (const [index, id] of ids.entries()) {
      const history = historyOf(index, id, 60_000);
      for (let at = startAt - floorTo(years * yearMillis, dayMillis); at < startAt; at += monthMillis) {
        const batch = history.results(at, Math.min(startAt, at + monthMillis));
        results += batch.length;
        await store.storage.backfill(batch, { vantage: mainVantage, isRawDroppedWhenAged: true });
      }
    }
  });
  await store.settle();
  const { bytes } = await store.closeAndMeasure();
  const value = `${(millis / 1000).toFixed(1)} s, ${(bytes / 1024 / 1024).toFixed(1)} MiB for ${results.toLocaleString('en')} results`;
  report({ name: `seed 12 targets, ${years} years, every minute`, value, numbers: { millis, bytes, results } });
}
