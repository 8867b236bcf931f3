import { crc32 } from 'node:zlib';
import type { TargetEvent } from '../../core/event/event.ts';
import type { EpochMillis, SeriesKey, TargetId, VantageId } from '../../core/ids.ts';
import type { StoredTrace } from '../../core/path/path.ts';
import type { Rollup } from '../../core/history/rollup.ts';
import type { AuditEntry } from '../records/account.ts';
import type { Import, PackedHour, PackedHourPlace } from '../records/imports.ts';
import type { OutagePlace, StoredOutage } from '../records/outages.ts';
import type { Storage } from '../port.ts';
import type { Inventory } from './transfer.ts';

/** What was compared, in numbers of the first database. */
export interface Comparison {
  readonly targets: number;
  readonly users: number;
  readonly events: number;
  readonly outages: number;
  readonly traces: number;
  readonly auditEntries: number;
  /** Raw results. */
  readonly results: number;
  /** Results counted by the hour rollups, and those of them whose raw results are gone. */
  readonly countedResults: number;
  /** Those of times whose raw results are gone. */
  readonly minuteRollups: number;
  readonly hourRollups: number;
  /** What is not equal, as sentences; empty when everything is. */
  readonly differences: readonly string[];
}

const endOfTime = Date.UTC(9999, 0);
const rollupsAtOnce = 2000;

export const eventPages = (store: Storage): AsyncGenerator<readonly TargetEvent[]> =>
  pagesById((after, limit) => store.transfer.readEvents(after, limit), 5000);

export const tracePages = (store: Storage): AsyncGenerator<readonly StoredTrace[]> =>
  pagesById((after, limit) => store.transfer.readTraces(after, limit), 500);

export const auditPages = (store: Storage): AsyncGenerator<readonly AuditEntry[]> =>
  pagesById((after, limit) => store.transfer.readAuditEntries(after, limit), 5000);

export const importPages = (store: Storage): AsyncGenerator<readonly Import[]> =>
  pagesById((after, limit) => store.transfer.readImports(after, limit), 500);

/** What imports are undone by. */
export async function* importHourPages(store: Storage): AsyncGenerator<readonly PackedHour[]> {
  for (let after: PackedHourPlace = { importId: 0, hourAt: 0, isRaw: false }; ;) {
    const page = await store.transfer.readImportHours(after, 200);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1) ?? after;
  }
}

async function* importHourDigests(store: Storage): AsyncGenerator<readonly unknown[]> {
  for await (const page of importHourPages(store)) {
    yield page.map(({ payload, ...hour }) => ({ ...hour, digest: crc32(payload) }));
  }
}

export async function* outagePages(store: Storage): AsyncGenerator<readonly StoredOutage[]> {
  for (let after: OutagePlace = { targetId: 0 as TargetId, vantage: 0, from: 0 }; ;) {
    const page = await store.transfer.readOutages(after, 5000);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1) ?? after;
  }
}

async function* pagesById<T extends { readonly id: number }>(
  read: (afterId: number, limit: number) => Promise<readonly T[]>,
  limit: number,
): AsyncGenerator<readonly T[]> {
  for (let after = 0; ;) {
    const page = await read(after, limit);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)?.id ?? after;
  }
}

export async function* rollupPages(
  store: Storage,
  stretch: {
    readonly key: SeriesKey;
    readonly resolution: '1m' | '1h';
    readonly from: EpochMillis;
    readonly to: EpochMillis;
  },
): AsyncGenerator<readonly Rollup[]> {
  for (let { from } = stretch; ;) {
    const page = await store.transfer.readRollups({ ...stretch, from, limit: rollupsAtOnce });
    if (page.length === 0) return;
    yield page;
    from = (page.at(-1)?.startAt ?? from) + 1;
  }
}

interface Hour {
  readonly digest: number;
  readonly results: number;
}

/** The hour rollups of a series, reduced to what distinguishes them. */
export async function readHours(store: Storage, key: SeriesKey): Promise<Map<EpochMillis, Hour>> {
  const hours = new Map<EpochMillis, Hour>();
  for await (const page of rollupPages(store, { key, resolution: '1h', from: 0, to: endOfTime })) {
    for (const rollup of page) {
      hours.set(rollup.startAt, { digest: digestOf(rollup), results: rollup.sent + rollup.notSent });
    }
  }
  return hours;
}

/** Everything that is a whole number: sums of squares and jitter may differ in their last bits. */
function digestOf(rollup: Rollup, seed = 0): number {
  const { startAt, sent, lost, notSent, rttSumMicros, rttMinMicros, rttMaxMicros, rttFirstMicros } = rollup;
  const { rttLastMicros, ipdvSumMicros, coveredMillis, hops, hopsLast, sketch } = rollup;
  const numbers = [
    ...[startAt, sent, lost, notSent, rttSumMicros, rttMinMicros, rttMaxMicros, rttFirstMicros],
    ...[rttLastMicros, ipdvSumMicros, coveredMillis, hopsLast ?? -1],
    ...hops.flatMap(({ hops, count }) => [hops, count]),
  ];
  return crc32(sketch, crc32(new Uint8Array(Float64Array.from(numbers).buffer), seed));
}

interface Tally {
  count: number;
  digest: number;
}

/** Reads both databases to the end. `onTarget`: after each target, with how many have been compared. */
export async function compareStores(
  from: Storage,
  to: Storage,
  source: Inventory,
  onTarget: (done: number) => void,
): Promise<Comparison> {
  const there = await to.transfer.readInventory();
  const vantages = await vantagesOf(from, to);
  const differences: string[] = [];
  const expectEqual = (what: string, ...[a, b]: readonly [Tally, Tally]): number => {
    if (a.count !== b.count) differences.push(`${what}: ${a.count} in the first database, ${b.count} in the second.`);
    else if (a.digest !== b.digest) differences.push(`${what}: ${a.count} in both, but not the same ones.`);
    return a.count;
  };
  const both = async (what: string, tally: (store: Storage) => Promise<Tally>): Promise<number> => {
    return expectEqual(what, ...(await Promise.all([tally(from), tally(to)])));
  };
  const targets = expectEqual('Targets', tallyOf(source.targets), tallyOf(there.targets));
  const users = expectEqual('Users', tallyOf(source.users.map(withoutId)), tallyOf(there.users.map(withoutId)));
  const events = await both('Events', (store) => tallyPages(eventPages(store)));
  const outages = await both('Outages', (store) => tallyPages(outagePages(store)));
  await both('Imports', (store) => tallyPages(importPages(store)));
  await both('Hours of imports', (store) => tallyPages(importHourDigests(store)));
  expectEqual('States', tallyOf(source.states), tallyOf(there.states));
  const traces = await both('Traces', (store) => tallyPages(tracePages(store)));
  expectEqual('API tokens', tallyOf(source.apiTokens), tallyOf(there.apiTokens));
  const auditEntries = await both('Audit entries', (store) => tallyPages(auditPages(store)));
  const counted = { results: 0, countedResults: 0, minuteRollups: 0, hourRollups: 0 };
  for (const [index, { id, ip }] of source.targets.entries()) {
    for (const vantage of vantages) {
      const key = { targetId: id, vantage };
      const what = `target ${id}, ${ip}${vantages.length > 1 ? `, from vantage point ${vantage}` : ''}`;
      const [wanted, found] = await Promise.all([tallyHours(from, key), tallyHours(to, key)]);
      counted.hourRollups += expectEqual(`Hours of ${what}`, wanted, found);
      counted.countedResults += wanted.results;
      counted.minuteRollups += await both(`Minutes of ${what}`, (store) =>
        tallyRollups(store, key, { from: source.floors['1m'], to: source.floors.raw }),
      );
      counted.results += await both(`Results of ${what}`, (store) => tallyResults(store, key, source.floors.raw));
    }
    onTarget(index + 1);
  }
  return { targets, users, events, outages, traces, auditEntries, ...counted, differences };
}

/** What only the second has seen is a difference as well. */
async function vantagesOf(...stores: readonly Storage[]): Promise<readonly VantageId[]> {
  const lists = await Promise.all(stores.map((store) => store.transfer.listVantages()));
  return [...new Set(lists.flat())].toSorted((a, b) => a - b);
}

/** Ids of users belong to each database. */
const withoutId = (user: Inventory['users'][number]): unknown => ({ ...user, id: 0 });

function tallyOf(values: readonly unknown[]): Tally {
  return { count: values.length, digest: crc32(JSON.stringify(values, sortedKeys)) };
}

async function tallyPages(pages: AsyncIterable<readonly unknown[]>): Promise<Tally> {
  const tally = { count: 0, digest: 0 };
  for await (const page of pages) {
    tally.count += page.length;
    for (const each of page) tally.digest = crc32(JSON.stringify(each, sortedKeys), tally.digest);
  }
  return tally;
}

/** Engines may name the fields of a value in different orders. */
function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function tallyHours(store: Storage, key: SeriesKey): Promise<Tally & { readonly results: number }> {
  const hours = await readHours(store, key);
  const digests = Uint32Array.from([...hours.values()], ({ digest }) => digest);
  const results = [...hours.values()].reduce((sum, hour) => sum + hour.results, 0);
  return { count: hours.size, digest: crc32(new Uint8Array(digests.buffer)), results };
}

async function tallyRollups(
  store: Storage,
  key: SeriesKey,
  stretch: { readonly from: EpochMillis; readonly to: EpochMillis },
): Promise<Tally> {
  const tally = { count: 0, digest: 0 };
  for await (const page of rollupPages(store, { key, resolution: '1m', ...stretch })) {
    tally.count += page.length;
    for (const rollup of page) tally.digest = digestOf(rollup, tally.digest);
  }
  return tally;
}

const rowNumbers = 5;

async function tallyResults(store: Storage, key: SeriesKey, from: EpochMillis): Promise<Tally> {
  const tally = { count: 0, digest: 0 };
  for await (const batch of store.streamResults(key, from, endOfTime)) {
    const rows = new Float64Array(batch.length * rowNumbers);
    for (let index = 0, at = 0; index < batch.length; index++, at += rowNumbers) {
      rows[at] = batch.sentAtMillis[index] ?? 0;
      rows[at + 1] = batch.outcomes[index] ?? 0;
      rows[at + 2] = batch.rttMicros[index] ?? 0;
      rows[at + 3] = batch.details[index] ?? 0;
      rows[at + 4] = batch.intervalMillis[index] ?? 0;
    }
    tally.count += batch.length;
    tally.digest = crc32(new Uint8Array(rows.buffer), tally.digest);
  }
  return tally;
}
