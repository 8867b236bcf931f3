import { crc32 } from 'node:zlib';
import type { TargetEvent } from '../core/event.ts';
import type { EpochMillis, TargetId } from '../core/ids.ts';
import type { StoredTrace } from '../core/path.ts';
import type { Rollup } from '../core/rollup.ts';
import type { Storage } from './storage.ts';
import type { Inventory } from './transfer.ts';

/** What was compared, in numbers of the first database. */
export interface Comparison {
  readonly targets: number;
  readonly users: number;
  readonly events: number;
  /** Raw results. */
  readonly results: number;
  /** Results that the hour rollups count, those among them whose raw results are gone. */
  readonly countedResults: number;
  /** Those of times whose raw results are gone. */
  readonly minuteRollups: number;
  readonly hourRollups: number;
  /** What is not equal, as sentences; empty when all is well. */
  readonly differences: readonly string[];
}

const endOfTime = Date.UTC(9999, 0);
const rollupsAtOnce = 2000;
const eventsAtOnce = 5000;
const tracesAtOnce = 100;

export async function* eventPages(store: Storage): AsyncGenerator<readonly TargetEvent[]> {
  for (let after = 0; ;) {
    const events = await store.transfer.readEvents(after, eventsAtOnce);
    if (events.length === 0) return;
    yield events;
    after = events.at(-1)?.id ?? after;
  }
}

export async function* tracePages(store: Storage, id: TargetId): AsyncGenerator<readonly StoredTrace[]> {
  for (let before: number | undefined; ;) {
    const traces = await store.listTraces(id, tracesAtOnce, before);
    if (traces.length === 0) return;
    yield traces;
    before = traces.at(-1)?.id;
  }
}

export async function* rollupPages(
  store: Storage,
  stretch: {
    readonly id: TargetId;
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

/** The hour rollups of a target, as what they are told apart by. */
export async function readHours(store: Storage, id: TargetId): Promise<Map<EpochMillis, Hour>> {
  const hours = new Map<EpochMillis, Hour>();
  for await (const page of rollupPages(store, { id, resolution: '1h', from: 0, to: endOfTime })) {
    for (const rollup of page) {
      hours.set(rollup.startAt, { digest: digestOf(rollup), results: rollup.sent + rollup.notSent });
    }
  }
  return hours;
}

/** Of all that is a whole number: sums of squares and jitter may differ in their last bits. */
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
  const events = await both('Events', tallyEvents);
  const counted = { results: 0, countedResults: 0, minuteRollups: 0, hourRollups: 0 };
  for (const [index, { id, ip }] of source.targets.entries()) {
    const [wanted, found] = await Promise.all([tallyHours(from, id), tallyHours(to, id)]);
    counted.hourRollups += expectEqual(`Hours of target ${id}, ${ip}`, wanted, found);
    counted.countedResults += wanted.results;
    counted.minuteRollups += await both(`Minutes of target ${id}, ${ip}`, (store) =>
      tallyRollups(store, id, { from: source.floors['1m'], to: source.floors.raw }),
    );
    counted.results += await both(`Results of target ${id}, ${ip}`, (store) =>
      tallyResults(store, id, source.floors.raw),
    );
    await both(`Traces of target ${id}, ${ip}`, (store) => tallyTraces(store, id));
    onTarget(index + 1);
  }
  return { targets, users, events, ...counted, differences };
}

/** Ids of users are each database's own. */
const withoutId = (user: Inventory['users'][number]): unknown => ({ ...user, id: 0 });

function tallyOf(values: readonly unknown[]): Tally {
  return { count: values.length, digest: crc32(JSON.stringify(values)) };
}

async function tallyEvents(store: Storage): Promise<Tally> {
  const tally = { count: 0, digest: 0 };
  for await (const events of eventPages(store)) {
    tally.count += events.length;
    for (const { id, targetId, type, message, createdAt } of events) {
      tally.digest = crc32(JSON.stringify([id, targetId, type, message, createdAt]), tally.digest);
    }
  }
  return tally;
}

async function tallyTraces(store: Storage, id: TargetId): Promise<Tally> {
  const tally = { count: 0, digest: 0 };
  for await (const traces of tracePages(store, id)) {
    tally.count += traces.length;
    tally.digest = crc32(JSON.stringify(traces), tally.digest);
  }
  return tally;
}

async function tallyHours(store: Storage, id: TargetId): Promise<Tally & { readonly results: number }> {
  const hours = await readHours(store, id);
  const digests = Uint32Array.from([...hours.values()], ({ digest }) => digest);
  const results = [...hours.values()].reduce((sum, hour) => sum + hour.results, 0);
  return { count: hours.size, digest: crc32(new Uint8Array(digests.buffer)), results };
}

async function tallyRollups(
  store: Storage,
  id: TargetId,
  stretch: { readonly from: EpochMillis; readonly to: EpochMillis },
): Promise<Tally> {
  const tally = { count: 0, digest: 0 };
  for await (const page of rollupPages(store, { id, resolution: '1m', ...stretch })) {
    tally.count += page.length;
    for (const rollup of page) tally.digest = digestOf(rollup, tally.digest);
  }
  return tally;
}

const rowNumbers = 5;

async function tallyResults(store: Storage, id: TargetId, from: EpochMillis): Promise<Tally> {
  const tally = { count: 0, digest: 0 };
  for await (const batch of store.streamResults(id, from, endOfTime)) {
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
