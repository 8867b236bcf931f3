import type { EpochMillis, SeriesKey } from '../../core/ids.ts';
import { Problem } from '../../core/problem.ts';
import type { ResultBatch } from '../../core/result/probe-result.ts';
import type { Rollup } from '../../core/history/rollup.ts';
import { concatSeries, rowsBetween, type Series, sliceSeries } from '../../core/result/series.ts';
import { type Target, targetKey } from '../../core/target/target.ts';
import { floorTo, hourMillis } from '../../core/history/time-buckets.ts';
import {
  auditPages,
  type Comparison,
  compareStores,
  eventPages,
  importHourPages,
  importPages,
  outagePages,
  readHours,
  rollupPages,
  tracePages,
} from './compare-stores.ts';
import type { Storage } from '../port.ts';
import type { Inventory } from './transfer.ts';

export interface MigrateOptions {
  /** Changes nothing: only compares. */
  readonly isCheckOnly: boolean;
  readonly now: () => EpochMillis;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: MigrateProgress) => void;
}

export interface MigrateProgress {
  readonly stage: 'reading' | 'copying' | 'rolling up' | 'checking';
  /** Results copied or targets checked; both 0 if unknown. */
  readonly done: number;
  readonly total: number;
}

export interface MigrateOutcome extends Comparison {
  /** Results that this run has copied; an earlier one may have copied the others. */
  readonly copied: number;
}

const keepForEver = { rawDays: 0, minuteDays: 0, hourDays: 0 };
/** Marks, among the sources of commits, a database that a migration has begun to fill. */
const mark = 'migrate-store';
const begun = 1;
const finished = 2;
const resultsAtOnce = 50_000;

/** True for a database that a migration was begun into and that does not contain everything yet. */
export async function isHalfMoved(storage: Storage): Promise<boolean> {
  return markOf(await storage.transfer.readInventory()) === begun;
}

function markOf({ sources }: Inventory): number {
  return sources.find(({ source }) => source === mark)?.sequence ?? 0;
}

/**
 * Copies everything from one database into another that is empty or was filled by an earlier run, then reads both again and
 * compares. Hours that are already equal on both sides are not copied: an interrupted run continues where it was.
 */
export async function migrateStore(from: Storage, to: Storage, options: MigrateOptions): Promise<MigrateOutcome> {
  const { signal, onProgress, now } = options;
  onProgress({ stage: 'reading', done: 0, total: 0 });
  const [source, before] = [await from.transfer.readInventory(), await to.transfer.readInventory()];
  if (source.targets.length === 0) throw new Problem('invalid-input', 'The first database holds no targets.');
  if (markOf(source) === begun) throw halfMoved('The first database');
  let copied = 0;
  if (!options.isCheckOnly) {
    refuseStrangers(source, before);
    // An empty one stays behind: what has not been rolled up yet does not need to be rolled up again.
    await settle(before.targets.length === 0 ? [from] : [from, to], now(), signal);
    const sources = [...source.sources.filter((each) => each.source !== mark), { source: mark, sequence: begun }];
    await to.transfer.writeInventory({ ...source, sources });
    for await (const events of eventPages(from)) await to.transfer.writeEvents(events);
    for await (const outages of outagePages(from)) await to.transfer.writeOutages(outages);
    for await (const imports of importPages(from)) await to.transfer.writeImports(imports);
    for await (const hours of importHourPages(from)) await to.transfer.writeImportHours(hours);
    for await (const traces of tracePages(from)) await to.transfer.writeTraces(traces);
    for await (const entries of auditPages(from)) await to.transfer.writeAuditEntries(entries);
    const work = await findWork(from, to, source.targets, signal);
    const total = work.reduce((sum, { results }) => sum + results, 0);
    for (const each of work) {
      for await (const count of copySeries(from, to, source, each)) {
        copied += count;
        onProgress({ stage: 'copying', done: copied, total });
        signal.throwIfAborted();
      }
    }
    onProgress({ stage: 'rolling up', done: 0, total: 0 });
    await settle([to], now(), signal);
  }
  const outcome = await compareStores(from, to, source, (done) => {
    signal.throwIfAborted();
    onProgress({ stage: 'checking', done, total: source.targets.length });
  });
  if (!options.isCheckOnly && outcome.differences.length === 0) {
    await to.transfer.writeInventory({ ...source, sources: [{ source: mark, sequence: finished }] });
  }
  return { ...outcome, copied };
}

const halfMoved = (which: string): Problem =>
  new Problem('invalid-input', `${which} contains an unfinished migration. Complete that one first.`);

function refuseStrangers(source: Inventory, before: Inventory): void {
  if (before.targets.length === 0) return;
  if (markOf(before) === 0) {
    const found = `The second database holds ${before.targets.length} targets already`;
    throw new Problem('invalid-input', `${found}: a move needs an empty one, or one that it has begun to fill.`);
  }
  const known = new Map(source.targets.map((target) => [target.id, targetKey(target)]));
  const stranger = before.targets.find((target) => known.get(target.id) !== targetKey(target));
  if (stranger === undefined) return;
  const found = `Target ${stranger.id} of the second database, ${targetKey(stranger)}, is not the first one's`;
  throw new Problem('invalid-input', `${found}: it belongs to another migration, or has been modified since.`);
}

/** Seals and rolls up what is due, so that both sides have derived from their results what is to be compared. */
async function settle(stores: readonly Storage[], now: EpochMillis, signal: AbortSignal): Promise<void> {
  for (const store of stores) {
    while ((await store.maintain(now, keepForEver)).hasMore) signal.throwIfAborted();
  }
}

interface Work {
  readonly key: SeriesKey;
  /** Ascending; hours that the second database lacks or that differ. */
  readonly hours: readonly EpochMillis[];
  readonly results: number;
}

async function findWork(
  from: Storage,
  to: Storage,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<readonly Work[]> {
  const work: Work[] = [];
  const vantages = await from.transfer.listVantages();
  for (const key of targets.flatMap(({ id }) => vantages.map((vantage) => ({ targetId: id, vantage })))) {
    signal.throwIfAborted();
    const [wanted, there] = await Promise.all([readHours(from, key), readHours(to, key)]);
    const missing = [...wanted].filter(([hourAt, { digest }]) => there.get(hourAt)?.digest !== digest);
    if (missing.length === 0) continue;
    const results = missing.reduce((sum, [, hour]) => sum + hour.results, 0);
    work.push({ key, hours: missing.map(([hourAt]) => hourAt), results });
  }
  return work;
}

/** Stretches of consecutive hours. */
function* stretchesOf(
  hours: readonly EpochMillis[],
  longestMillis: number,
): Generator<readonly [EpochMillis, EpochMillis]> {
  for (let index = 0; index < hours.length;) {
    const start = hours[index] ?? 0;
    let end = start;
    while (hours[index] === end && end < start + longestMillis) {
      end += hourMillis;
      index++;
    }
    yield [start, end];
  }
}

/** Yields the number of results of each step. */
async function* copySeries(from: Storage, to: Storage, { floors }: Inventory, work: Work): AsyncGenerator<number> {
  const { key } = work;
  const { targetId, vantage } = key;
  const aged = work.hours.filter((hourAt) => hourAt < floors.raw);
  const wanted = new Set(aged);
  const isWanted = ({ startAt }: Rollup): boolean => wanted.has(floorTo(startAt, hourMillis));
  // Minutes first: an existing hour means that its minutes exist.
  for (const resolution of ['1m', '1h'] as const) {
    const longestMillis = (resolution === '1m' ? 24 : 24 * 90) * hourMillis;
    const hours = aged.filter((hourAt) => hourAt >= floors[resolution]);
    for (const [start, end] of stretchesOf(hours, longestMillis)) {
      const rollups: Rollup[] = [];
      for await (const page of rollupPages(from, { key, resolution, from: start, to: end })) rollups.push(...page);
      if (rollups.length === 0) continue;
      await to.transfer.writeRollups(key, resolution, rollups.filter(isWanted));
      yield resolution === '1h' ? rollups.reduce((sum, { sent, notSent }) => sum + sent + notSent, 0) : 0;
    }
  }
  const fresh = work.hours.filter((hourAt) => hourAt >= floors.raw);
  for (const [start, end] of stretchesOf(fresh, Number.POSITIVE_INFINITY)) {
    for await (const rows of ahead(byWholeHours(from.streamResults(key, start, end), resultsAtOnce))) {
      const batch = { ...rows, targetIds: new Uint32Array(rows.length).fill(targetId) };
      await to.backfill(batch, { vantage, isRawDroppedWhenAged: false });
      yield rows.length;
    }
  }
}

/** Batches of whole hours, so that no hour is written twice. */
async function* byWholeHours(batches: AsyncIterable<ResultBatch>, atLeast: number): AsyncGenerator<Series> {
  let parts: Series[] = [];
  let length = 0;
  for await (const batch of batches) {
    parts.push(batch);
    length += batch.length;
    if (length < atLeast) continue;
    const joined = concatSeries(parts);
    const lastHour = floorTo(joined.sentAtMillis[length - 1] ?? 0, hourMillis);
    const whole = rowsBetween(joined, 0, lastHour);
    if (whole.length > 0) yield whole;
    parts = [sliceSeries(joined, whole.length, length)];
    length -= whole.length;
  }
  if (length > 0) yield concatSeries(parts);
}

/** Requests the next while the consumer is busy with this one. */
async function* ahead<T>(values: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = values[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const step = await next;
      if (step.done === true) return;
      next = iterator.next();
      // Its failure is reported when it is awaited; until then it must not end the process.
      next.catch(() => {});
      yield step.value;
    }
  } finally {
    await iterator.return?.();
  }
}
