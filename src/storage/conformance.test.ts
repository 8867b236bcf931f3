import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { eventOf, seenEvent, type NewEvent, type TargetEvent } from '../core/event/event.ts';
import { joinSparks } from '../core/history/fleet-row.ts';
import { type EpochMillis, parseTargetId, type TargetId, mainVantage } from '../core/ids.ts';
import { icmpProbe, portOf } from '../core/target/probe-kinds.ts';
import { plainPacket } from '../core/target/probe-packet.ts';
import { batchFromRows, createBatch, type ProbeResult, type ResultRow, rowsOf } from '../core/result/probe-result.ts';
import type { Outage } from '../core/outage/outage.ts';
import type { NewTarget } from '../core/target/target.ts';
import { dayMillis, hourMillis, minuteMillis } from '../core/history/time-buckets.ts';
import type { WindowQuery, WindowSummary } from '../core/history/window.ts';
import { type ImportFilter, noRefusals, openStorage, type Retention, type StateRow, type Storage } from './storage.ts';
import { isLong } from '../../test/faults/long.ts';
import { startPostgres, startTimescaleInWasm, type TestServer, useTimescaleAt } from '../../test/database-servers.ts';

/* What every engine must do; run against real databases in folders of their own. */

const start = Date.UTC(2026, 2, 10, 7);
const retention: Retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
const noEvents = [] as const;
const withoutId = (event: TargetEvent): NewEvent => {
  const { id, ...rest } = event;
  assert.ok(id > 0);
  return rest;
};

interface Bench {
  readonly storage: Storage;
  now: EpochMillis;
  reopen(): Promise<Storage>;
}

interface Engine {
  readonly name: string;
  readonly start: () => Promise<TestServer>;
}

async function useSqlite(): Promise<TestServer> {
  const root = await mkdtemp(join(tmpdir(), 'pmd-storage-'));
  return {
    newDatabase: async () => `sqlite:${join(await mkdtemp(join(root, 'db-')), 'history.db')}`,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

const timescaleUrl = process.env['PMD_TEST_TIMESCALE_URL'];
/** Long runs: every engine, a fleet of 5,000 with a day of backlog. */
const fleetMillis = isLong ? 3_600_000 : 120_000;
/** The slowest one runs by itself, with the long tests. */
const isWasm = process.env['PMD_TEST_ENGINES'] === 'wasm';
const engines: readonly Engine[] = [
  ...(isWasm ? [{ name: 'timescaledb in wasm', start: startTimescaleInWasm }] : []),
  ...(isWasm && !isLong
    ? []
    : [
        { name: 'sqlite', start: useSqlite },
        { name: 'postgresql', start: startPostgres },
      ]),
  ...(timescaleUrl === undefined
    ? []
    : [{ name: 'timescaledb', start: () => Promise.resolve(useTimescaleAt(timescaleUrl)) }]),
];

function target(ip: string): NewTarget {
  return { ip, intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };
}

function reply(rttMicros: number, replyTtl: number | undefined = 57): ProbeResult {
  return { outcome: 'reply', rttMicros, replyTtl };
}

function row(targetId: TargetId, sentAt: EpochMillis, result: ProbeResult = reply(20_000)): ResultRow {
  return { targetId, sentAt, intervalMillis: 1000, result };
}

/** One result a second, with distinct round trips and each tenth one lost. */
function seconds(targetId: TargetId, from: EpochMillis, count: number): ResultRow[] {
  return Array.from({ length: count }, (_, index) =>
    row(
      targetId,
      from + index * 1000,
      index % 10 === 9 ? { outcome: 'timeout' } : reply(20_000 + ((index * 37) % 1000)),
    ),
  );
}

async function streamed(storage: Storage, id: TargetId, from = 0, to = start * 2): Promise<ResultRow[]> {
  const rows: ResultRow[] = [];
  for await (const batch of storage.streamResults({ targetId: id, vantage: mainVantage }, from, to))
    rows.push(...rowsOf(batch));
  return rows;
}

async function maintainAll(storage: Storage, now: EpochMillis, kept = retention): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { hasMore, deletedBlocks } = await storage.maintain(now, kept);
    deleted += deletedBlocks;
    if (!hasMore) return deleted;
  }
}

/** The same window in hours and in longer buckets: the same figures, and each bucket what its hours are together. */
function expectSameAs(hours: WindowSummary, coarser: WindowSummary): void {
  const { bucketMillis, buckets, jitterMicros } = coarser;
  const close = (actual = 0, expected = 0): boolean => Math.abs(actual - expected) <= 1e-6 * expected;
  assert.ok(close(jitterMicros, hours.jitterMicros));
  const rttStandardDeviationMicros = hours.rttStandardDeviationMicros;
  assert.ok(close(coarser.rttStandardDeviationMicros, rttStandardDeviationMicros));
  const expected: WindowSummary = { ...hours, bucketMillis, buckets, jitterMicros };
  assert.deepEqual({ ...coarser, rttStandardDeviationMicros }, expected);
  const sum = (samples: readonly { readonly sampleCount: number }[]): number =>
    samples.reduce((total, { sampleCount }) => total + sampleCount, 0);
  for (const bucket of buckets) {
    const until = bucket.startAt + bucketMillis;
    const within = hours.buckets.filter(({ startAt }) => startAt >= bucket.startAt && startAt < until);
    assert.equal(bucket.sampleCount, sum(within));
    assert.equal(bucket.rttMaxMicros, Math.max(...within.map(({ rttMaxMicros }) => rttMaxMicros ?? 0)));
  }
}

const upSince = (at: EpochMillis) => ({ state: 'up', since: at, phase: 'up', phaseSince: at, errno: null }) as const;

describe.each(engines)('storage on $name', { timeout: 60_000 }, ({ name: engine, start: startEngine }) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startEngine();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose](), 60_000);

  /** A fresh database, closed again after `use`. */
  async function withBench(use: (bench: Bench, id: TargetId, other: TargetId) => Promise<void>): Promise<void> {
    const url = await server.newDatabase();
    const open = (): Promise<Storage> => openStorage(url, { retention, now: () => bench.now, onNotice: () => {} });
    let storage = await open();
    const bench = {
      now: start,
      get storage() {
        return storage;
      },
      reopen: async () => {
        await storage[Symbol.asyncDispose]();
        storage = await open();
        return storage;
      },
    };
    try {
      const [a, b] = await storage.addTargets([target('192.0.2.1'), target('2001:db8::1')], start, 'Started tracking');
      assert.ok(a !== undefined && b !== undefined);
      await use(bench, a.id, b.id);
    } finally {
      await storage[Symbol.asyncDispose]();
    }
  }

  let sequence = 0;
  const append = (storage: Storage, rows: readonly ResultRow[], source = 'test'): Promise<void> =>
    storage.append({
      source,
      sequence: ++sequence,
      vantage: mainVantage,
      results: batchFromRows(rows),
      events: noEvents,
    });

  describe('targets', () => {
    test('are listed in the order in which they were added, with a start event each', () =>
      withBench(async ({ storage }, id, other) => {
        assert.deepEqual(
          (await storage.listTargets()).map((each) => [each.id, each.ip, each.createdAt]),
          [
            [id, '192.0.2.1', start],
            [other, '2001:db8::1', start],
          ],
        );
        const [event] = await storage.listEvents(other, 10);
        assert.deepEqual([event?.type, event?.message, event?.createdAt], ['start', 'Started tracking', start]);
      }));

    test('with an address in use are refused along with the rest of the list', () =>
      withBench(async ({ storage }) => {
        await assert.rejects(storage.addTargets([target('192.0.2.7'), target('192.0.2.1')], start, 'x'), {
          code: 'target-exists',
        });
        assert.equal((await storage.listTargets()).length, 2);
      }));

    test('change only what the change names', () =>
      withBench(async ({ storage }, id) => {
        const event = eventOf(id, 'update', { changed: { notes: { before: null, after: 'x' } } }, start + 1);
        const changed = await storage.changeTarget(id, { notes: 'x', intervalMillis: 500 }, [event]);
        assert.deepEqual(changed, { ...(await storage.findTarget(id)) });
        assert.deepEqual([changed?.notes, changed?.intervalMillis, changed?.isActive], ['x', 500, true]);
        assert.equal((await storage.changeTarget(id, { notes: null }, noEvents))?.notes, null);
        assert.equal((await storage.listEvents(id, 1))[0]?.type, 'update');
        const unknown = parseTargetId(99);
        assert.ok(unknown !== undefined);
        assert.equal(await storage.changeTarget(unknown, { notes: 'x' }, noEvents), undefined);
      }));

    test('keep their tags, through changes, deletion and a restart', () =>
      withBench(async (bench, id) => {
        const { storage } = bench;
        const [tagged] = await storage.addTargets([{ ...target('192.0.2.3'), tags: ['core', 'rack 4'] }], start, 'x');
        assert.ok(tagged !== undefined);
        assert.deepEqual(tagged.tags, ['core', 'rack 4']);
        assert.deepEqual((await storage.findTarget(id))?.tags, []);
        assert.deepEqual((await storage.changeTarget(id, { tags: ['edge "1"'] }, noEvents))?.tags, ['edge "1"']);
        await storage.deleteTarget(tagged.id, start + 1, noEvents);
        await bench.reopen();
        assert.deepEqual((await bench.storage.findTarget(tagged.id))?.tags, ['core', 'rack 4']);
        assert.deepEqual((await bench.storage.listTargets())[0]?.tags, ['edge "1"']);
        const [back] = await bench.storage.addTargets([target('192.0.2.3')], start + 2, 'x');
        assert.deepEqual(back?.tags, []);
      }));

    test('keep the packets they are probed with, through changes, deletion and a restart', () =>
      withBench(async (bench, id) => {
        const { storage } = bench;
        const packet = { payloadBytes: 0, dscp: 63, ttl: 1, dontFragment: true };
        const [odd] = await storage.addTargets([{ ...target('192.0.2.4'), packet }], start, 'x');
        assert.ok(odd !== undefined);
        assert.deepEqual(odd.packet, packet);
        assert.deepEqual((await storage.findTarget(id))?.packet, plainPacket);
        const changed = { payloadBytes: 1472, dscp: null, ttl: 255, dontFragment: false };
        assert.deepEqual((await storage.changeTarget(id, { packet: changed }, noEvents))?.packet, changed);
        await storage.deleteTarget(odd.id, start + 1, noEvents);
        await bench.reopen();
        assert.deepEqual((await bench.storage.findTarget(odd.id))?.packet, packet);
        assert.deepEqual((await bench.storage.listTargets())[0]?.packet, changed);
        const [back] = await bench.storage.addTargets([target('192.0.2.4')], start + 2, 'x');
        assert.deepEqual(back?.packet, plainPacket);
      }));

    test('have names, which can be changed and removed, and return with a restored target', () =>
      withBench(async (bench) => {
        const [named, plain] = await bench.storage.addTargets(
          [{ ...target('192.0.2.30'), name: 'Zürich core – 東京' }, target('192.0.2.31')],
          start,
          'x',
        );
        assert.ok(named !== undefined && plain !== undefined);
        assert.deepEqual([named.name, plain.name], ['Zürich core – 東京', null]);
        await bench.storage.changeTarget(plain.id, { name: 'edge' }, noEvents);
        await bench.storage.changeTarget(named.id, { name: null }, noEvents);
        await bench.reopen();
        const nameOf = async (id: TargetId): Promise<unknown> => (await bench.storage.findTarget(id))?.name;
        assert.deepEqual([await nameOf(named.id), await nameOf(plain.id)], [null, 'edge']);
        await bench.storage.deleteTarget(plain.id, start + 1, noEvents);
        const [back] = await bench.storage.addTargets([{ ...target('192.0.2.31'), name: 'again' }], start + 2, 'x');
        assert.deepEqual([back?.id, back?.name], [plain.id, 'again']);
      }));

    test('at one address are distinguished by port and by name; each key exists once', () =>
      withBench(async (bench, id) => {
        const { storage } = bench;
        const plan = target('192.0.2.1');
        const web = { ...plan, probe: { kind: 'tcp', port: 443 } as const };
        const named = { ...plan, hostname: 'example.net' };
        const wanted = [
          web,
          { ...plan, probe: { kind: 'tcp', port: 80 } as const },
          named,
          { ...named, family: 4 as const },
          { ...named, ...web },
        ];
        const added = await storage.addTargets(wanted, start, 'x');
        for (const again of [plan, ...wanted]) {
          await assert.rejects(storage.addTargets([again], start, 'x'), { code: 'target-exists' });
        }
        const [https, http, name, name4] = added;
        assert.ok(https !== undefined && http !== undefined && name !== undefined && name4 !== undefined);
        assert.deepEqual([portOf(https.probe), https.hostname, https.family], [443, null, null]);
        assert.deepEqual([portOf(name4.probe), name4.hostname, name4.family], [null, 'example.net', 4]);
        // A name may lead anywhere, even to an address that is a target; two targets never become one.
        const moved = await storage.changeTarget(name.id, { ip: '2001:db8::1' }, noEvents);
        assert.deepEqual([moved?.ip, moved?.hostname], ['2001:db8::1', 'example.net']);
        for (const probe of [{ kind: 'tcp', port: 443 }, { kind: 'icmp' }] as const) {
          await assert.rejects(storage.changeTarget(http.id, { probe }, noEvents), { code: 'target-exists' });
        }
        const elsewhere = { kind: 'tcp', port: 8080 } as const;
        assert.deepEqual((await storage.changeTarget(http.id, { probe: elsewhere }, noEvents))?.probe, elsewhere);
        await storage.deleteTarget(name.id, start + 1, noEvents);
        await bench.reopen();
        assert.deepEqual((await bench.storage.findTarget(id))?.probe, icmpProbe);
        assert.deepEqual((await bench.storage.findTarget(http.id))?.probe, elsewhere);
        await assert.rejects(
          bench.storage.changeTarget(name4.id, { family: null }, noEvents),
          /which is deleted: restore/,
        );
        const [back] = await bench.storage.addTargets([{ ...named, ip: '192.0.2.9' }], start + 2, 'x');
        assert.deepEqual([back?.id, back?.ip], [name.id, '192.0.2.9']);
      }));

    test('change together, with their events; deleted ones can only be restored', () =>
      withBench(async ({ storage }, id, other) => {
        const unknown = parseTargetId(99);
        assert.ok(unknown !== undefined);
        const eventFor = (targetId: TargetId) => [eventOf(targetId, 'delete', { purged: false }, start + 1)];
        const deletion = { deletedAt: start + 1 };
        const changed = await storage.changeTargets([
          { id, change: deletion, events: eventFor(id) },
          { id: unknown, change: deletion, events: eventFor(unknown) },
          { id: other, change: { tags: ['a'], isActive: false }, events: [] },
        ]);
        assert.deepEqual(
          changed.map((each) => [each.id, each.deletedAt, each.isActive, each.tags]),
          [
            [id, start + 1, true, []],
            [other, null, false, ['a']],
          ],
        );
        assert.equal((await storage.listEvents(id, 1))[0]?.type, 'delete');
        assert.deepEqual(
          (await storage.listTargets()).map((each) => each.id),
          [other],
        );
        assert.deepEqual(
          (await storage.listDeletedTargets()).map((each) => [each.id, each.deletedAt]),
          [[id, start + 1]],
        );
        assert.deepEqual(await storage.changeTargets([{ id, change: { notes: 'x' }, events: [] }]), []);
        const [back] = await storage.changeTargets([{ id, change: { deletedAt: null }, events: [] }]);
        assert.deepEqual([back?.id, back?.deletedAt, back?.isActive], [id, null, true]);
        assert.equal((await storage.listTargets()).length, 2);
        assert.deepEqual(await storage.listDeletedTargets(), []);
      }));

    test('that are deleted leave the list, keep their history and return with their address', () =>
      withBench(async ({ storage }, id) => {
        await append(storage, [row(id, start)]);
        assert.equal(await storage.deleteTarget(id, start + 5, noEvents), true);
        assert.equal(await storage.deleteTarget(id, start + 6, noEvents), false);
        assert.equal((await storage.listTargets()).length, 1);
        assert.equal((await storage.findTarget(id))?.deletedAt, start + 5);
        assert.equal(await storage.changeTarget(id, { notes: 'x' }, noEvents), undefined);
        assert.equal((await streamed(storage, id)).length, 1);
        const [back] = await storage.addTargets([{ ...target('192.0.2.1'), notes: 'again' }], start + 9, 'Back');
        assert.deepEqual([back?.id, back?.notes, back?.deletedAt, back?.isActive], [id, 'again', null, true]);
      }));

    test('that are purged are gone with results and events, sealed or not, even after a restart, and their ids are not reused', () =>
      withBench(async (bench, id, other) => {
        await append(bench.storage, [...seconds(id, start, 200), ...seconds(other, start, 200)]);
        await maintainAll(bench.storage, start + 2 * hourMillis);
        await append(bench.storage, [row(id, start + 3 * hourMillis), row(other, start + 3 * hourMillis)]);
        assert.equal(await bench.storage.purgeTarget(id), true);
        assert.equal(await bench.storage.purgeTarget(id), false);
        await append(bench.storage, [row(id, start + 3 * hourMillis + 1000)]);
        const storage = await bench.reopen();
        assert.equal(await storage.findTarget(id), undefined);
        assert.deepEqual(await streamed(storage, id), []);
        assert.deepEqual(await storage.listEvents(id, 9), []);
        assert.equal((await streamed(storage, other)).length, 201);
        await maintainAll(storage, start + 6 * hourMillis);
        assert.deepEqual(await streamed(storage, id), []);
        const [added] = await storage.addTargets([target('192.0.2.1')], start, 'x');
        assert.ok((added?.id ?? 0) > other);
      }));
  });

  describe('events and users', () => {
    test('events come newest first, by type and page, with their data', () =>
      withBench(async ({ storage }, id, other) => {
        const down = seenEvent({ targetId: id, vantage: mainVantage }, 'down', { since: 1, lostProbes: 5 }, 1);
        const recovery = seenEvent(
          { targetId: id, vantage: mainVantage },
          'recovery',
          { downSince: 1, downSeconds: 0.001, lostProbes: 5 },
          2,
          'in words',
        );
        await storage.addEvents([
          down,
          recovery,
          seenEvent({ targetId: other, vantage: mainVantage }, 'down', { since: null, lostProbes: null }, 3),
        ]);
        await storage.addEvents([eventOf(id, 'stop', {}, 4)]);
        assert.deepEqual(
          (await storage.listEvents(id, 2)).map(({ type }) => type),
          ['stop', 'recovery'],
        );
        const outages = await storage.listEvents(id, 9, { types: ['down', 'recovery'] });
        assert.deepEqual(
          outages.map(({ type }) => type),
          ['recovery', 'down'],
        );
        const older = await storage.listEvents(id, 1, { beforeId: outages[0]?.id ?? 0 });
        assert.deepEqual(older, outages.slice(1));
        assert.deepEqual(outages.map(withoutId), [recovery, down]);
      }));

    test('outages begin and end with the events of a commit, survive a restart and come in pages', () =>
      withBench(async (bench, id, other) => {
        const down = (targetId: TargetId, since: number) =>
          seenEvent({ targetId, vantage: mainVantage }, 'down', { since, lostProbes: 5 }, since + 5000);
        const recovery = (targetId: TargetId, downSince: number, millis: number) =>
          seenEvent(
            { targetId, vantage: mainVantage },
            'recovery',
            { downSince, downSeconds: millis / 1000, lostProbes: 9 },
            downSince + millis + 400,
          );
        const at = (minutes: number): number => start + minutes * 60_000;
        // Two of one target in one commit, between those of another.
        const events = [
          ...[down(id, at(1)), down(other, at(1)), recovery(id, at(1), 30_250), down(id, at(3))],
          ...[recovery(id, at(3), 10_000), down(id, at(5))],
        ];
        await bench.storage.append({
          source: 'o',
          sequence: 1,
          vantage: mainVantage,
          results: batchFromRows([]),
          events,
        });
        // The same again, as from an agent that did not receive the answer: nothing changes.
        await bench.storage.append({
          source: 'o',
          sequence: 1,
          vantage: mainVantage,
          results: batchFromRows([]),
          events,
        });
        const storage = await bench.reopen();
        const all = { vantage: mainVantage, from: 0, to: at(1000), limit: 9 };
        const common = { targetId: id, vantage: 0 };
        const first = { ...common, from: at(1), to: at(1) + 30_250, lostProbes: 9, endedBy: 'recovery' };
        const second = { ...common, from: at(3), to: at(3) + 10_000, lostProbes: 9, endedBy: 'recovery' };
        const open = { ...common, from: at(5), to: undefined, lostProbes: 5, endedBy: undefined };
        assert.deepEqual(await storage.listOutages(id, all), [open, second, first]);
        assert.deepEqual(await storage.listOutages(id, { ...all, limit: 2 }), [open, second]);
        assert.deepEqual(await storage.listOutages(id, { ...all, before: at(3) }), [first]);
        assert.deepEqual(await storage.listOutages(id, { vantage: mainVantage, from: at(2), to: at(4), limit: 9 }), [
          second,
        ]);
        await storage.addEvents([eventOf(id, 'stop', {}, at(6))]);
        const paused = { ...open, to: at(6), lostProbes: undefined, endedBy: 'pause' };
        assert.deepEqual((await storage.listOutages(id, all))[0], paused);
        // What was ongoing when it was paused is not ended a second time.
        await storage.addEvents([recovery(id, at(5), 90_000)]);
        assert.deepEqual(await storage.listOutages(id, all), [paused, second, first]);
        const imported = { ...common, from: at(0), to: at(0) + 1, lostProbes: 6, endedBy: 'recovery' } as const;
        await storage.addOutages([imported, { ...imported, from: at(1) }]);
        assert.deepEqual(await storage.listOutages(id, all), [paused, second, first, imported]);
        await storage.purgeTarget(id);
        assert.deepEqual(await storage.listOutages(id, all), []);
        assert.equal((await storage.listOutages(other, all)).length, 1);
      }));

    test('the last state of each target survives, and one that began before a command does not come back', () =>
      withBench(async (bench, id, other) => {
        const up = {
          vantage: 0,
          state: 'up',
          since: start + 10,
          phase: 'up',
          phaseSince: start + 10,
          errno: null,
        } as const;
        const notSent = { ...up, state: 'not-sent', since: start + 20, errno: 101 } as const;
        const append = (sequence: number, states: readonly StateRow[]): Promise<void> =>
          bench.storage.append({
            source: 'st',
            sequence,
            vantage: mainVantage,
            results: batchFromRows([]),
            events: [],
            states,
          });
        await append(1, [
          { ...up, targetId: id },
          { ...up, targetId: other },
        ]);
        await append(2, [{ ...notSent, targetId: id }]);
        const storage = await bench.reopen();
        const seen = async (): Promise<readonly StateRow[]> =>
          (await storage.listStates()).filter(({ vantage }) => vantage !== null);
        assert.deepEqual(await seen(), [
          { ...notSent, targetId: id },
          { ...up, targetId: other },
        ]);
        await storage.addEvents([eventOf(id, 'stop', {}, start + 30)]);
        await append(3, [{ ...up, targetId: id, since: start + 29 }]);
        const paused = { targetId: id, vantage: null, state: 'paused', since: start + 30 };
        assert.deepEqual((await storage.listStates())[0], {
          ...paused,
          phase: 'unknown',
          phaseSince: null,
          errno: null,
        });
        await storage.purgeTarget(id);
        assert.deepEqual(
          (await seen()).map(({ targetId }) => targetId),
          [other],
        );
      }));

    test('traces come newest first with all their hops, and go with their target or by age', () =>
      withBench(async (bench, id, other) => {
        const { storage } = bench;
        const mplsLabels = [{ label: 24_001, trafficClass: 5, isBottom: true, ttl: 1 }];
        const hops = [
          { ttl: 1, ip: undefined, host: undefined, rttMicros: undefined, sent: 3, answers: [] },
          {
            ...{ ttl: 2, ip: '10.0.0.1', host: 'r1', rttMicros: 800, sent: 3 },
            answers: [
              { ip: '10.0.0.1', host: 'r1', rttMicros: 800, mplsLabels: [] },
              { ip: '10.0.0.2', host: undefined, rttMicros: 900, mplsLabels },
            ],
          },
        ];
        const path = (at: number) => ({ startedAt: at, finishedAt: at + 21, isDestinationReached: at > start, hops });
        const later = start + 40 * dayMillis;
        const first = await storage.addTrace({ targetId: id, vantage: mainVantage, path: path(start) }, []);
        const data = { ttl: 1, before: ['192.0.2.8'], after: ['192.0.2.9'], traceId: null };
        const message = seenEvent({ targetId: id, vantage: mainVantage }, 'path-change', data, start);
        const second = await storage.addTrace({ targetId: id, vantage: mainVantage, path: path(later) }, [message]);
        const foreign = await storage.addTrace({ targetId: other, vantage: mainVantage, path: path(start) }, []);
        assert.ok(first !== undefined && second !== undefined && foreign !== undefined);
        assert.deepEqual(second, { id: second.id, targetId: id, vantage: mainVantage, path: path(later) });
        assert.deepEqual(await storage.listTraces({ targetId: id, vantage: mainVantage }, 9), [second, first]);
        assert.deepEqual(await storage.listTraces({ targetId: id, vantage: mainVantage }, 1), [second]);
        assert.deepEqual(await storage.listTraces({ targetId: id, vantage: mainVantage }, 9, second.id), [first]);
        assert.deepEqual(await storage.findTrace(id, first.id), first);
        assert.equal(await storage.findTrace(other, first.id), undefined);
        const [change] = await storage.listEvents(id, 1);
        assert.deepEqual([change?.type, change?.data], ['path-change', { ...data, traceId: second.id }]);
        await maintainAll(storage, start + (retention.hourDays + 35) * dayMillis);
        assert.deepEqual(await (await bench.reopen()).listTraces({ targetId: id, vantage: mainVantage }, 9), [second]);
        await bench.storage.purgeTarget(id);
        assert.deepEqual(await bench.storage.listTraces({ targetId: id, vantage: mainVantage }, 9), []);
        assert.equal(
          await bench.storage.addTrace({ targetId: id, vantage: mainVantage, path: path(start) }, [message]),
          undefined,
        );
      }));

    test('what vantage points see is kept apart: outages, states, events and traces; a pause ends it for all', () =>
      withBench(async (bench, id) => {
        const at = (minutes: number): number => start + minutes * minuteMillis;
        const keyOf = (vantage: number) => ({ targetId: id, vantage });
        const down = (vantage: number, since: number) =>
          seenEvent(keyOf(vantage), 'down', { since, lostProbes: 5 }, since + 5000);
        const recovery = (vantage: number, downSince: number) =>
          seenEvent(keyOf(vantage), 'recovery', { downSince, downSeconds: 60, lostProbes: 60 }, downSince + 60_100);
        const stateOf = (vantage: number, state: 'up' | 'down', since: number): StateRow => ({
          ...{ targetId: id, vantage, state, since, phase: state, phaseSince: since, errno: null },
        });
        const send = (vantage: number, events: readonly NewEvent[], states: readonly StateRow[]): Promise<void> =>
          bench.storage.append({
            ...{ source: `from ${vantage}`, sequence: Math.max(...events.map(({ createdAt }) => createdAt)), vantage },
            ...{ results: batchFromRows([]), events, states },
          });
        await send(0, [down(0, at(1)), recovery(0, at(1)), down(0, at(4))], [stateOf(0, 'down', at(4))]);
        await send(1, [down(1, at(2))], [stateOf(1, 'down', at(2))]);
        await send(7, [down(7, at(1)), recovery(7, at(1))], [stateOf(7, 'up', at(2))]);
        for (const vantage of [0, 1, 7]) {
          const path = { startedAt: at(vantage), finishedAt: at(vantage) + 1, isDestinationReached: false, hops: [] };
          await bench.storage.addTrace({ ...keyOf(vantage), path }, []);
        }
        const storage = await bench.reopen();
        const all = { from: 0, to: at(1000), limit: 9 };
        const outagesOf = async (vantage: number): Promise<readonly unknown[]> =>
          (await storage.listOutages(id, { ...all, vantage })).map(({ from, to, endedBy }) => [from, to, endedBy]);
        assert.deepEqual(await outagesOf(0), [
          [at(4), undefined, undefined],
          [at(1), at(2), 'recovery'],
        ]);
        assert.deepEqual(await outagesOf(1), [[at(2), undefined, undefined]]);
        assert.deepEqual(await outagesOf(7), [[at(1), at(2), 'recovery']]);
        const states = async (): Promise<readonly unknown[]> =>
          (await storage.listStates())
            .filter(({ targetId }) => targetId === id)
            .map(({ vantage, state, since }) => [vantage, state, since]);
        assert.deepEqual(await states(), [
          [null, 'pending', start],
          [0, 'down', at(4)],
          [1, 'down', at(2)],
          [7, 'up', at(2)],
        ]);
        const events = await storage.listEvents(id, 9, { types: ['down'] });
        assert.deepEqual(
          events.map(({ vantage }) => vantage),
          [7, 1, 0, 0],
        );
        const traces = await storage.listTraces(keyOf(1), 9);
        assert.deepEqual(
          traces.map((trace) => [trace.vantage, trace.path.startedAt]),
          [[1, at(1)]],
        );
        await storage.addEvents([eventOf(id, 'stop', {}, at(10))]);
        assert.deepEqual((await storage.listEvents(id, 1))[0]?.vantage, null);
        assert.deepEqual((await outagesOf(0))[0], [at(4), at(10), 'pause']);
        assert.deepEqual(await outagesOf(1), [[at(2), at(10), 'pause']]);
        assert.deepEqual(await states(), [[null, 'paused', at(10)]]);
        // What an agent saw before the pause arrives late, and what it sees after the resumption counts.
        await send(1, [down(1, at(9))], [stateOf(1, 'down', at(9))]);
        assert.deepEqual(await states(), [[null, 'paused', at(10)]]);
        await storage.addEvents([eventOf(id, 'start', {}, at(11))]);
        await send(7, [recovery(7, at(12))], [stateOf(7, 'up', at(13))]);
        assert.deepEqual(await states(), [
          [null, 'pending', at(11)],
          [7, 'up', at(13)],
        ]);
      }));

    test('a user is read as saved, and saving again replaces', () =>
      withBench(async ({ storage }) => {
        const at = { tokensEndedAt: start, createdAt: start - 1 };
        const user = { username: 'admin', passwordHash: 'a', isSeeded: true, role: 'admin', ...at } as const;
        await storage.saveUser(user);
        const saved = await storage.findUser('admin');
        assert.deepEqual({ ...saved }, { ...user, id: saved?.id });
        await storage.saveUser({ ...user, passwordHash: 'b', isSeeded: false });
        assert.deepEqual({ ...(await storage.findUser('admin')) }, { ...saved, passwordHash: 'b', isSeeded: false });
        assert.equal(await storage.findUser('nobody'), undefined);
        await storage.saveUser({ ...user, username: 'Zoë', role: 'viewer' });
        await storage.saveUser({ ...user, username: 'anna', role: 'operator' });
        const listed = (await storage.listUsers()).map(({ username, role }) => `${username}: ${role}`);
        assert.deepEqual(listed, ['Zoë: viewer', 'admin: admin', 'anna: operator']);
        assert.deepEqual([await storage.deleteUser('anna'), await storage.deleteUser('anna')], [true, false]);
        assert.equal(await storage.findUser('anna'), undefined);
      }));

    test('API tokens exist until they are revoked or their user is deleted', () =>
      withBench(async (bench) => {
        const { storage } = bench;
        const at = { tokensEndedAt: start, createdAt: start };
        const user = { passwordHash: 'a', isSeeded: false, role: 'admin', ...at } as const;
        await storage.saveUser({ ...user, username: 'anna' });
        await storage.saveUser({ ...user, username: 'bert' });
        const token = { username: 'anna', name: 'Prometheus', role: 'viewer', createdAt: start } as const;
        const [first, second, third] = [
          await storage.addApiToken({ ...token, tokenHash: 'aa', expiresAt: undefined }),
          await storage.addApiToken({ ...token, tokenHash: 'bb', expiresAt: start + 1, name: 'a script' }),
          await storage.addApiToken({ ...token, username: 'bert', tokenHash: 'cc', expiresAt: undefined }),
        ];
        assert.ok(first !== undefined && second !== undefined && third !== undefined);
        assert.equal(
          await storage.addApiToken({ ...token, username: 'nobody', tokenHash: 'dd', expiresAt: 1 }),
          undefined,
        );
        await storage.noteApiTokenUse(first.id, start + 60_000);
        const noted = { ...first, lastUsedAt: start + 60_000 };
        assert.deepEqual(await storage.listApiTokens(), [noted, second, third]);
        assert.deepEqual(
          [await storage.deleteApiToken(second.id), await storage.deleteApiToken(second.id)],
          [true, false],
        );
        await storage.deleteUser('bert');
        assert.deepEqual(await (await bench.reopen()).listApiTokens(), [noted]);
      }));

    test('events have their own retention, outages that of hours; ongoing ones stay', () =>
      withBench(async ({ storage }, id) => {
        const end = start + 4000 * dayMillis;
        const at = (day: number): number => start + day * dayMillis;
        const outage = { targetId: id, vantage: 0, lostProbes: 5, endedBy: 'recovery' } as const;
        await storage.addOutages([
          { ...outage, from: at(1), to: at(2) },
          { ...outage, from: at(3900), to: at(3901) },
          { ...outage, from: at(3), to: undefined, endedBy: undefined },
        ]);
        const days = [1, 3985, 3995];
        await storage.addEvents(
          days.map((day) =>
            seenEvent({ targetId: id, vantage: mainVantage }, 'sent', { notSentSince: at(day) }, at(day)),
          ),
        );
        await maintainAll(storage, end, { ...retention, eventDays: 10 });
        const events = await storage.listEvents(id, 9, { types: ['sent'] });
        assert.deepEqual(
          events.map(({ createdAt }) => createdAt),
          [at(3995)],
        );
        const outages = await storage.listOutages(id, { vantage: mainVantage, from: 0, to: end, limit: 9 });
        assert.deepEqual(
          outages.map(({ from }) => from),
          [at(3900), at(3)],
        );
      }));

    test('of many starts of a server the last thousand are remembered, and all of thirty days', () =>
      withBench(async ({ storage }, id) => {
        const { lastTargetId, floors } = await storage.transfer.readInventory();
        const sources = Array.from({ length: 1200 }, (_, index) => ({ source: `start ${index}`, sequence: 1 }));
        const nothing = { targets: [], users: [], apiTokens: [], states: [] };
        await storage.transfer.writeInventory({ ...nothing, sources, floors, lastTargetId });
        const today = Date.now();
        const commit = {
          source: 'this start',
          sequence: 1,
          vantage: mainVantage,
          results: batchFromRows([row(id, today)]),
          events: noEvents,
        };
        await storage.append(commit);
        const remembered = async (): Promise<readonly string[]> =>
          (await storage.transfer.readInventory()).sources.map(({ source }) => source);
        const keepsAll: Retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };
        await maintainAll(storage, today + 29 * dayMillis, keepsAll);
        assert.equal((await remembered()).length, 1201);
        await maintainAll(storage, today + 31 * dayMillis, keepsAll);
        const left = await remembered();
        assert.equal(left.length, 1000);
        assert.ok(left.includes('this start'));
        await storage.append(commit);
        assert.equal((await streamed(storage, id)).length, 1);
      }));

    test('audit entries are read newest first, by user and by page', () =>
      withBench(async ({ storage }) => {
        const call = { at: start, address: '::1', action: 'addTarget', path: '/targets', status: 200 };
        const entry = { ...call, apiToken: undefined };
        await storage.addAuditEntries([
          { ...entry, username: 'anna', apiToken: 'import', detail: '{"ip":"192.0.2.1"}' },
          { ...entry, username: 'bert', detail: undefined },
        ]);
        await storage.addAuditEntries([{ ...entry, username: 'anna', detail: undefined }]);
        const all = await storage.listAuditEntries(10);
        assert.deepEqual(
          all.map(({ username, apiToken, detail }) => [username, apiToken, detail]),
          [
            ['anna', undefined, undefined],
            ['bert', undefined, undefined],
            ['anna', 'import', '{"ip":"192.0.2.1"}'],
          ],
        );
        assert.deepEqual(await storage.listAuditEntries(1, { beforeId: all[0]?.id ?? 0 }), [all[1]]);
        assert.deepEqual(await storage.listAuditEntries(9, { username: 'anna' }), [all[0], all[2]]);
        assert.deepEqual({ ...all[1], id: 0 }, { ...entry, id: 0, username: 'bert', detail: undefined });
        // They are kept as long as hours are.
        await storage.addAuditEntries([{ ...entry, username: 'cleo', detail: undefined, at: start + 100 * dayMillis }]);
        await maintainAll(storage, start + (retention.hourDays + 35) * dayMillis);
        assert.deepEqual(
          (await storage.listAuditEntries(9)).map(({ username }) => username),
          ['cleo'],
        );
      }));
  });

  describe('results', () => {
    test('of three vantage points are kept apart, in total and by hours, before and after they are rolled up', () =>
      withBench(async (bench, id, other) => {
        const vantages = [0, 1, 7];
        const seconds = 3 * 3600;
        /** Each is as slow as its number says, and loses as many of a hundred. */
        const rowsFrom = (vantage: number, first: number, count: number): readonly ResultRow[] =>
          Array.from({ length: count }, (_, index) => {
            const isLost = (first + index) % 100 < vantage;
            const result = isLost ? ({ outcome: 'timeout' } as const) : reply(10_000 * (vantage + 1));
            return row(id, start + (first + index) * 1000, result);
          });
        const send = (vantage: number, number: number, rows: readonly ResultRow[]): Promise<void> =>
          bench.storage.append({
            ...{ source: `from ${vantage}`, sequence: number, vantage, results: batchFromRows(rows), events: noEvents },
            states: [...(number === 1 ? [{ ...upSince(start), targetId: id, vantage }] : [])],
          });
        for (const vantage of vantages) await send(vantage, 1, rowsFrom(vantage, 0, seconds - 600));
        const check = async (count: number): Promise<void> => {
          for (const vantage of vantages) {
            const key = { targetId: id, vantage };
            const [from, to] = [start, start + 3 * hourMillis];
            const lost = rowsFrom(vantage, 0, count).filter(({ result }) => result.outcome === 'timeout').length;
            const window = await bench.storage.readWindow({ ...key, from, to, bucketMillis: hourMillis });
            assert.deepEqual([window.sampleCount, window.lossCount], [count, lost]);
            assert.equal(window.rttMinMicros, 10_000 * (vantage + 1));
            assert.equal(window.rttMaxMicros, 10_000 * (vantage + 1));
            const [first, second] = await bench.storage.readFleet({
              ids: [id, other],
              vantage,
              from,
              to,
              sparkBuckets: 6,
            });
            assert.deepEqual([first?.summary.sampleCount, first?.summary.lossCount], [count, lost]);
            assert.equal(second?.summary.sampleCount, 0);
            const latest = await bench.storage.readLatestResults(key, 50);
            assert.deepEqual(latest, rowsFrom(vantage, count - 50, 50));
            const streamedRows: ResultRow[] = [];
            for await (const batch of bench.storage.streamResults(key, from, to)) streamedRows.push(...rowsOf(batch));
            assert.deepEqual(streamedRows, rowsFrom(vantage, 0, count));
          }
        };
        await check(seconds - 600);
        // In one transaction, as they come when the database was away.
        await bench.storage.append(
          ...vantages.map((vantage) => ({
            ...{ source: 'a backlog', sequence: vantage + 1, vantage, events: noEvents },
            results: batchFromRows(rowsFrom(vantage, seconds - 600, 600)),
          })),
        );
        await check(seconds);
        await maintainAll(bench.storage, start + 5 * hourMillis);
        await check(seconds);
        await bench.reopen();
        await check(seconds);
        // Late, and for one of them only.
        await send(1, 2, [row(id, start + 500, reply(20_000))]);
        await maintainAll(bench.storage, start + 5 * hourMillis);
        const hour = { from: start, to: start + hourMillis, bucketMillis: hourMillis };
        const countsOf = async (): Promise<readonly number[]> =>
          Promise.all(
            vantages.map(
              async (vantage) => (await bench.storage.readWindow({ targetId: id, vantage, ...hour })).sampleCount,
            ),
          );
        assert.deepEqual(await countsOf(), [3600, 3601, 3600]);
        assert.deepEqual(await bench.storage.transfer.listVantages(), vantages);
        assert.deepEqual(
          (await bench.storage.listStates()).filter(({ targetId }) => targetId === id).map(({ vantage }) => vantage),
          [null, ...vantages],
        );
        await bench.storage.purgeTarget(id);
        assert.deepEqual(await bench.storage.transfer.listVantages(), []);
      }));

    test('of all outcomes are read as they were written', () =>
      withBench(async (bench, id) => {
        const rows = [
          row(id, start, reply(0)),
          row(id, start + 1000, { outcome: 'reply', rttMicros: 2_147_483_647, replyTtl: undefined }),
          row(id, start + 2000, { outcome: 'timeout' }),
          row(id, start + 3000, { outcome: 'unreachable', icmpType: 3, icmpCode: 13 }),
          row(id, start + 4000, { outcome: 'refused' }),
          row(id, start + 5000, { outcome: 'not-sent', errno: 105 }),
        ];
        await append(bench.storage, rows);
        assert.deepEqual(await streamed(bench.storage, id), rows);
        assert.deepEqual(await streamed(await bench.reopen(), id), rows);
        await maintainAll(bench.storage, start + 2 * hourMillis);
        assert.deepEqual(await streamed(bench.storage, id), rows);
        assert.deepEqual(
          await bench.storage.readLatestResults({ targetId: id, vantage: mainVantage }, 4),
          rows.slice(1, 5),
        );
      }));

    test('the latest come oldest first from as many hours as necessary', () =>
      withBench(async ({ storage }, id) => {
        const rows = [start - 5 * hourMillis, start - 2 * hourMillis, start, start + 1000].map((at) => row(id, at));
        await append(storage, rows);
        await maintainAll(storage, start);
        assert.deepEqual(await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 3), rows.slice(1));
        assert.deepEqual(await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 1000), rows);
        assert.deepEqual(
          await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 2, start + 1000),
          rows.slice(1, 3),
        );
        assert.deepEqual(
          await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 9, start),
          rows.slice(0, 2),
        );
        assert.deepEqual(
          await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 9, start - 5 * hourMillis),
          [],
        );
      }));

    test('the latest are the latest, although older ones arrive after they have been rolled up', () =>
      withBench(async ({ storage }, id) => {
        const hours = [start - 5 * hourMillis, start - 2 * hourMillis].map((at) => at + 1000);
        const rows = hours.map((at) => row(id, at));
        await append(storage, rows);
        await maintainAll(storage, start);
        for (const lateBy of [2.5 * hourMillis, 500]) {
          const late = row(id, start - 2 * hourMillis + 1000 - lateBy);
          await append(storage, [late]);
          rows.splice(1, 0, late);
          rows.sort((a, b) => a.sentAt - b.sentAt);
          assert.deepEqual(await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 1), rows.slice(-1));
          assert.deepEqual(await storage.readLatestResults({ targetId: id, vantage: mainVantage }, 9), rows);
          const [fleet] = await storage.readFleet({
            ids: [id],
            vantage: mainVantage,
            from: start - 6 * hourMillis,
            to: start,
            sparkBuckets: 6,
          });
          assert.equal(fleet?.lastSentAt, rows.at(-1)?.sentAt);
        }
      }));

    test('a repeated commit changes nothing, its events included', () =>
      withBench(async (bench, id) => {
        const event = seenEvent({ targetId: id, vantage: mainVantage }, 'down', { since: start, lostProbes: 5 }, start);
        const commit = {
          source: 'r',
          sequence: 7,
          vantage: mainVantage,
          results: batchFromRows([row(id, start)]),
          events: [event],
        };
        await bench.storage.append(commit);
        await bench.storage.append(commit);
        const storage = await bench.reopen();
        await storage.append({ ...commit, results: batchFromRows([row(id, start + 5)]) });
        assert.equal((await streamed(storage, id)).length, 1);
        assert.equal((await storage.listEvents(id, 9)).filter(({ type }) => type === 'down').length, 1);
        await storage.append({ ...commit, source: 'another', results: batchFromRows([row(id, start + 5)]) });
        assert.equal((await streamed(storage, id)).length, 2);
      }));

    test('in commits stored together, those that are already stored change nothing', () =>
      withBench(async (bench, id) => {
        const commits = [0, 1, 2, 3].map((second) => ({
          ...{
            source: 'together',
            sequence: second + 1,
            vantage: mainVantage,
            results: batchFromRows([row(id, start + second * 1000)]),
          },
          events: [
            seenEvent(
              { targetId: id, vantage: mainVantage },
              'down',
              { since: start, lostProbes: 5 },
              start + second,
              `${second}`,
            ),
          ],
        }));
        const isWhole = async (storage: Storage, count: number): Promise<void> => {
          const times = (await streamed(storage, id)).map(({ sentAt }) => (sentAt - start) / 1000);
          assert.deepEqual(times, [0, 1, 2, 3].slice(0, count));
          const messages = (await storage.listEvents(id, 9)).filter(({ type }) => type === 'down');
          assert.deepEqual(messages.map(({ message }) => Number(message)).toReversed(), times);
        };
        await bench.storage.append(...commits.slice(0, 2));
        await isWhole(bench.storage, 2);
        await bench.storage.append(...commits.slice(1));
        await isWhole(bench.storage, 4);
        await bench.storage.append(...commits);
        await isWhole(await bench.reopen(), 4);
      }));

    test('for a time that is already stored are left out, whether unsealed or sealed', () =>
      withBench(async ({ storage }, id) => {
        const rows = seconds(id, start, 300);
        await append(storage, rows);
        await append(
          storage,
          rows.map((each) => ({ ...each, result: reply(1) })),
        );
        assert.deepEqual(await streamed(storage, id), rows);
        await maintainAll(storage, start + 2 * hourMillis);
        await append(
          storage,
          rows.map((each) => ({ ...each, result: reply(2) })),
        );
        assert.deepEqual(await streamed(storage, id), rows);
        await maintainAll(storage, start + 2 * hourMillis);
        assert.deepEqual(await streamed(storage, id), rows);
      }));

    test('in many commits at once are all stored', () =>
      withBench(async ({ storage }, id) => {
        const rows = seconds(id, start, 640);
        await Promise.all(
          Array.from({ length: 64 }, (_, index) => append(storage, rows.slice(index * 10, index * 10 + 10))),
        );
        assert.deepEqual(await streamed(storage, id), rows);
      }));

    test('that arrive late or out of order count as if they had arrived in time', () =>
      withBench(async (bench, id) => {
        const rows = seconds(id, start, 3 * 3600);
        const isLate = (index: number): boolean => index % 7 === 3 || (index > 600 && index < 1000);
        const query = { targetId: id, vantage: 0, from: start, to: start + 3 * hourMillis, bucketMillis: minuteMillis };
        await append(bench.storage, rows.filter((_, index) => !isLate(index)).reverse());
        await maintainAll(bench.storage, start + 2 * hourMillis);
        await append(
          bench.storage,
          rows.filter((_, index) => isLate(index)),
        );
        const expected = await withExpected(rows, query);
        assert.deepEqual(await bench.storage.readWindow(query), expected);
        await bench.reopen();
        assert.deepEqual(await bench.storage.readWindow(query), expected);
        await maintainAll(bench.storage, start + 5 * hourMillis);
        assert.deepEqual(await bench.storage.readWindow(query), expected);
        assert.equal((await bench.storage.health()).unsealedResults, 0);
        assert.deepEqual(await streamed(bench.storage, id), rows);
      }));

    async function withExpected(rows: readonly ResultRow[], query: Parameters<Storage['readWindow']>[0]) {
      // In time order in a fresh SQLite file: what every engine must answer, however the results came.
      await using files = await useSqlite();
      const options = { retention, now: () => start, onNotice: () => {} };
      await using storage = await openStorage(await files.newDatabase(), options);
      await storage.addTargets([target('192.0.2.1')], start, 'x');
      await append(storage, rows);
      return storage.readWindow(query);
    }

    test('stream in bounded batches and stop with their consumer', () =>
      withBench(async ({ storage, now }, id) => {
        const rows = Array.from({ length: 25_000 }, (_, index) => row(id, start + index * 100));
        await append(storage, rows);
        await maintainAll(storage, now + hourMillis);
        let batches = 0;
        for await (const batch of storage.streamResults(
          { targetId: id, vantage: mainVantage },
          start,
          start + dayMillis,
        )) {
          assert.ok(batch.length <= 10_000);
          if (++batches === 2) break;
        }
        assert.equal(batches, 2);
        assert.equal((await streamed(storage, id)).length, 25_000);
        assert.deepEqual(await streamed(storage, id, start + 150, start + 350), rows.slice(2, 4));
      }));
  });

  describe('backfill', () => {
    const options = { vantage: mainVantage, isRawDroppedWhenAged: false };

    test('stores what is new and counts what exists', () =>
      withBench(async ({ storage }, id, other) => {
        const rows = [...seconds(id, start - 2 * dayMillis, 5000), ...seconds(other, start - 600_000, 600)];
        assert.deepEqual(await storage.backfill(batchFromRows(rows), options), { stored: 5600, duplicates: 0 });
        const more = [...rows.slice(0, 10), row(id, start - dayMillis), row(id, start - dayMillis)];
        assert.deepEqual(await storage.backfill(batchFromRows(more), options), { stored: 1, duplicates: 11 });
        assert.equal((await streamed(storage, id)).length, 5001);
        assert.equal((await streamed(storage, other)).length, 600);
      }));

    test('merges with newly probed results in the running hour', () =>
      withBench(async (bench, id) => {
        bench.now = start + 30 * minuteMillis;
        await append(bench.storage, seconds(id, start + 60_000, 100));
        const rows = seconds(id, start, 100);
        assert.deepEqual(await bench.storage.backfill(batchFromRows(rows), options), { stored: 60, duplicates: 40 });
        const storage = await bench.reopen();
        assert.equal((await streamed(storage, id)).length, 160);
        assert.deepEqual(await storage.backfill(batchFromRows(rows), options), { stored: 0, duplicates: 100 });
      }));

    test('of aged hours keeps the rollups only when asked to, and does so once', () =>
      withBench(async ({ storage }, id) => {
        const rows = Array.from({ length: 24 * 60 }, (_, index) =>
          row(id, start - 400 * dayMillis + index * minuteMillis),
        );
        const dropped = { vantage: mainVantage, isRawDroppedWhenAged: true };
        assert.deepEqual(await storage.backfill(batchFromRows(rows), dropped), { stored: 1440, duplicates: 0 });
        assert.deepEqual(await storage.backfill(batchFromRows(rows), options), { stored: 0, duplicates: 1440 });
        assert.deepEqual(await streamed(storage, id), []);
        const [from, to] = [start - 400 * dayMillis, start - 399 * dayMillis];
        const window = await storage.readWindow({ targetId: id, vantage: 0, from, to, bucketMillis: hourMillis });
        assert.deepEqual([window.sampleCount, window.resolution, window.buckets.length], [1440, '1h', 24]);
      }));

    test('of months gives the same figures in days as in hours, late results included', () =>
      withBench(async ({ storage }, id) => {
        const tenMinutes = 10 * minuteMillis;
        const history = Array.from({ length: 75 * 144 }, (_, index) =>
          row(
            id,
            start - 75 * dayMillis + index * tenMinutes,
            index % 50 === 7 ? { outcome: 'timeout' } : reply(10_000 + ((index * 7919) % 5000)),
          ),
        );
        await storage.backfill(batchFromRows(history), { vantage: mainVantage, isRawDroppedWhenAged: true });
        await maintainAll(storage, start);
        const expectSame = async (from: EpochMillis, to: EpochMillis): Promise<void> => {
          const read = (bucketMillis: number): Promise<WindowSummary> =>
            storage.readWindow({ targetId: id, vantage: 0, from, to, bucketMillis });
          const hours = await read(hourMillis);
          assert.ok(hours.sampleCount > 5000);
          for (const bucketMillis of [dayMillis, 7 * dayMillis]) expectSameAs(hours, await read(bucketMillis));
        };
        const from = start - 70 * dayMillis - 5 * hourMillis;
        await expectSame(from, start);
        await expectSame(from, start - 9 * dayMillis - 3 * hourMillis);
        const late = row(id, start - 40 * dayMillis + 1234, reply(90_000));
        await append(storage, [late]);
        await maintainAll(storage, start);
        await expectSame(from, start);
        const window = await storage.readWindow({
          ...{ targetId: id, vantage: 0, from, to: start, bucketMillis: 7 * dayMillis },
        });
        assert.equal(window.rttMaxMicros, 90_000);
      }));

    test('for an unknown target is refused', () =>
      withBench(async ({ storage }) => {
        const unknown = parseTargetId(77);
        assert.ok(unknown !== undefined);
        const rows = batchFromRows([row(unknown, start)]);
        await assert.rejects(storage.backfill(rows, options), { code: 'target-not-found' });
      }));
  });

  describe('imports', () => {
    const progress = { rowCount: 0, refused: noRefusals, faults: [], from: undefined, to: undefined };
    const begin = async ({ storage }: Bench, targetId: TargetId): Promise<number> =>
      (await storage.imports.add({ targetId, fileName: 'a.csv', username: 'anna', startedAt: start })).id;
    const store = ({ storage }: Bench, job: number, rows: readonly ResultRow[]) =>
      storage.imports.store(job, rows[0]?.targetId ?? (0 as TargetId), batchFromRows(rows), progress);
    const imported = async (bench: Bench, rows: readonly ResultRow[]): Promise<number> => {
      const job = await begin(bench, rows[0]?.targetId ?? (0 as TargetId));
      await store(bench, job, rows);
      await bench.storage.imports.change(job, { state: 'done', endedAt: bench.now });
      return job;
    };
    const undo = async ({ storage }: Bench, job: number): Promise<readonly [removed: number, kept: number]> => {
      while (await storage.imports.undoSome(job));
      const { removed, kept } = (await storage.imports.find(job)) ?? { removed: -1, kept: -1 };
      return [removed, kept];
    };
    const windowOf = ({ storage }: Bench, id: TargetId, from: EpochMillis, bucketMillis = hourMillis) =>
      storage.readWindow({ targetId: id, vantage: 0, from, to: from + dayMillis, bucketMillis });

    test('are jobs that record what arrived and what happened to it', () =>
      withBench(async (bench, id, other) => {
        const job = await begin(bench, id);
        const rows = seconds(id, start - dayMillis, 4000);
        const faults = [{ row: 2, message: 'is wrong.' }];
        const seen = { ...progress, rowCount: 4001, from: start - dayMillis, to: start, faults };
        const stored = await bench.storage.imports.store(job, id, batchFromRows([...rows, ...rows.slice(0, 7)]), {
          ...seen,
          refused: { ...noRefusals, invalid: 1 },
        });
        assert.deepEqual(stored, { stored: 4000, rolledUp: 0, duplicates: 7, tooOld: [], rawDeleted: [] });
        const storage = await bench.reopen();
        const [found] = await storage.imports.listOpen();
        const { refused, state, ...rest } = found ?? { refused: noRefusals, state: '' };
        assert.deepEqual([state, refused], ['running', { ...noRefusals, invalid: 1 }]);
        const told = { ...seen, refused: undefined, stored: 4000, duplicates: 7, fileName: 'a.csv', username: 'anna' };
        assert.deepEqual({ ...rest, ...told }, { ...rest, refused: undefined });
        await storage.imports.change(job, { state: 'failed', endedAt: start + 1, failure: 'The server stopped.' });
        await assert.rejects(store(bench, job, rows), { code: 'conflict' });
        const second = await imported(bench, seconds(other, start - dayMillis, 10));
        const ids = async (filter: ImportFilter): Promise<unknown> =>
          (await storage.imports.list(filter)).map((each) => each.id);
        assert.deepEqual(await ids({ limit: 9 }), [second, job]);
        assert.deepEqual(await ids({ limit: 9, targetId: id }), [job]);
        assert.deepEqual(await ids({ limit: 9, beforeId: second }), [job]);
        await storage.purgeTarget(id);
        assert.deepEqual([await storage.imports.find(job), await ids({ limit: 9 })], [undefined, [second]]);
        await assert.rejects(store(bench, job, rows), { code: /target-not-found|conflict/ });
      }));

    test('are undone to the previous state: live results, those of other imports and duplicates stay', () =>
      withBench(async (bench, id) => {
        bench.now = start + 30 * minuteMillis;
        await append(bench.storage, seconds(id, start - 2 * hourMillis, 8000));
        await maintainAll(bench.storage, bench.now);
        const first = await imported(bench, seconds(id, start - 5 * hourMillis, 7200));
        const before = [
          await streamed(bench.storage, id),
          await windowOf(bench, id, start - 23 * hourMillis, minuteMillis),
        ];
        // Into hours of others, between live results, into the running hour, and some of it there already.
        const rows = seconds(id, start - 4 * hourMillis - 500, 17_000).map((each, index) =>
          index % 2 === 0 ? each : { ...each, sentAt: each.sentAt + 500 },
        );
        const second = await imported(bench, rows);
        const { stored = 0, duplicates = 0 } = (await bench.storage.imports.find(second)) ?? {};
        assert.ok(stored > 8500 && duplicates > 1000 && stored + duplicates === rows.length);
        const all = before[0] as ResultRow[];
        assert.equal((await streamed(bench.storage, id)).length, all.length + stored);
        await bench.reopen();
        assert.deepEqual(await undo(bench, second), [stored, 0]);
        assert.deepEqual(await undo(bench, second), [stored, 0]);
        const now = async (): Promise<unknown> => {
          await maintainAll(bench.storage, bench.now);
          return [await streamed(bench.storage, id), await windowOf(bench, id, start - 23 * hourMillis, minuteMillis)];
        };
        assert.deepEqual(await now(), before);
        await bench.reopen();
        assert.deepEqual(await now(), before);
        // What the second import found already present went with the first.
        const third = await imported(bench, seconds(id, start - 5 * hourMillis, 7200));
        assert.equal((await bench.storage.imports.find(third))?.duplicates, 7200);
        await undo(bench, first);
        assert.equal((await windowOf(bench, id, start - 23 * hourMillis)).sampleCount, 8000);
        assert.equal((await streamed(bench.storage, id)).length, 8000);
      }));

    test('of hours whose raw results are no longer kept count each row once, with retention between the halves', () =>
      withBench(async (bench, id) => {
        const from = start - 10 * dayMillis;
        const rows = seconds(id, from, 7200);
        const first = await begin(bench, id);
        const halves = [rows.slice(0, 5400), rows.slice(5400)];
        assert.deepEqual(await store(bench, first, halves[0] ?? []), {
          ...{ stored: 5400, rolledUp: 5400, duplicates: 0, tooOld: [], rawDeleted: [] },
        });
        await maintainAll(bench.storage, start + 10_000);
        await bench.storage.imports.change(first, { state: 'done', endedAt: start });
        await maintainAll(bench.storage, start + 20_000);
        const second = await begin(bench, id);
        const both = await store(bench, second, [...(halves[1] ?? []), ...rows.slice(0, 100)]);
        assert.deepEqual([both.stored, both.duplicates, both.rawDeleted.length], [1800, 100, 0]);
        const figures = async (): Promise<unknown> => {
          const { sampleCount, lossCount, rttMaxMicros, coverageRatio } = await windowOf(bench, id, from);
          return [sampleCount, lossCount, rttMaxMicros, Math.round(coverageRatio * 86_400)];
        };
        assert.deepEqual(await figures(), [7200, 720, 20_999, 7200]);
        await maintainAll(bench.storage, start + 30_000);
        await bench.reopen();
        assert.deepEqual(await figures(), [7200, 720, 20_999, 7200]);
        assert.deepEqual(await undo(bench, second), [1800, 0]);
        assert.deepEqual((await windowOf(bench, id, from)).sampleCount, 5400);
        assert.deepEqual(await undo(bench, first), [5400, 0]);
        await maintainAll(bench.storage, start + 40_000);
        assert.deepEqual((await windowOf(bench, id, from)).sampleCount, 0);
        await imported(bench, rows);
        assert.deepEqual(await figures(), [7200, 720, 20_999, 7200]);
      }));

    test('retention leaves the raw results of a running import alone', () =>
      withBench(async (bench, id) => {
        const from = start - 3 * dayMillis + 26 * hourMillis;
        const rows = seconds(id, from, 7200);
        const job = await begin(bench, id);
        await store(bench, job, rows.slice(0, 5400));
        bench.now = start + 3 * dayMillis;
        await maintainAll(bench.storage, bench.now);
        assert.equal((await streamed(bench.storage, id)).length, 5400);
        const { stored, rawDeleted } = await store(bench, job, rows.slice(5400));
        assert.deepEqual([stored, rawDeleted], [1800, []]);
        await bench.storage.imports.change(job, { state: 'done', endedAt: bench.now });
        await maintainAll(bench.storage, bench.now);
        assert.equal((await windowOf(bench, id, from)).sampleCount, 7200);
        assert.deepEqual(await streamed(bench.storage, id), []);
      }));

    test('refuse rows older than anything kept, and rows that cannot be told from rolled-up results', () =>
      withBench(async (bench, id) => {
        const old = seconds(id, start - 2000 * dayMillis, 5);
        const job = await begin(bench, id);
        const { tooOld, stored } = await store(bench, job, old);
        assert.deepEqual([tooOld, stored], [old.map(({ sentAt }) => sentAt), 0]);
        await append(bench.storage, seconds(id, start - 4 * dayMillis, 1000));
        await maintainAll(bench.storage, start);
        const late = seconds(id, start - 4 * dayMillis + 500, 10);
        const { rawDeleted, ...rest } = await store(bench, job, late);
        assert.deepEqual(
          rawDeleted,
          late.map(({ sentAt }) => sentAt),
        );
        assert.deepEqual(rest, { stored: 0, rolledUp: 0, duplicates: 0, tooOld: [] });
        const found = await bench.storage.imports.find(job);
        assert.deepEqual(found?.refused, { ...noRefusals, 'too-old': 0, 'raw-deleted': 10 });
        assert.equal((await windowOf(bench, id, start - 4 * dayMillis)).sampleCount, 1000);
      }));

    test('that retention has rolled up since report what cannot be undone', () =>
      withBench(async (bench, id, other) => {
        const own = await imported(bench, seconds(id, start - dayMillis, 3600));
        await append(bench.storage, seconds(other, start - dayMillis, 100));
        const mixed = await imported(bench, seconds(other, start - dayMillis + 500, 300));
        bench.now = start + 10 * dayMillis;
        await maintainAll(bench.storage, bench.now);
        const [removed, kept] = await undo(bench, own);
        assert.equal(removed + kept, 3600);
        assert.equal((await windowOf(bench, id, start - dayMillis)).sampleCount, kept);
        assert.deepEqual(await undo(bench, mixed), [0, 300]);
        assert.equal((await windowOf(bench, other, start - dayMillis)).sampleCount, 400);
        // A month later there is nothing left to undo it with.
        const last = await imported(bench, seconds(id, bench.now - dayMillis, 10));
        const kinds = async (): Promise<number> => {
          let rows = 0;
          for await (const each of bench.storage.imports.stream(id, 0, bench.now * 2)) rows += each.length;
          return rows;
        };
        assert.equal(await kinds(), 10);
        await maintainAll(bench.storage, bench.now + 31 * dayMillis);
        assert.deepEqual([await kinds(), (await bench.storage.imports.find(last))?.stored], [0, 10]);
      }));

    test('add outages, which never displace those observed live', () =>
      withBench(async ({ storage }, id) => {
        const seen = { from: start, to: start + minuteMillis, lostProbes: 6, endedBy: 'recovery' as const };
        await storage.addOutages([{ ...seen, targetId: id, vantage: 0 }]);
        const at = (hours: number): Outage => ({
          ...{ from: start - hours * hourMillis, to: start - hours * hourMillis + minuteMillis, lostProbes: 5 },
          endedBy: hours % 2 === 0 ? 'recovery' : undefined,
        });
        const all = { from: start - dayMillis, to: start + dayMillis };
        const listed = async (): Promise<unknown> =>
          (await storage.listOutages(id, { vantage: mainVantage, ...all, limit: 9 })).map(({ from, to, endedBy }) => [
            from,
            to,
            endedBy,
          ]);
        const shown = ({ from, to, endedBy }: Outage): unknown[] => [from, to, endedBy];
        const overlapping = { ...seen, from: start - 1000, to: start + 1000 };
        await storage.imports.replaceOutages({ targetId: id, vantage: mainVantage }, all, [at(6), at(3), overlapping]);
        assert.deepEqual(await listed(), [seen, at(3), at(6)].map(shown));
        await storage.imports.replaceOutages(
          { targetId: id, vantage: mainVantage },
          { from: start - 4 * hourMillis, to: start + 1 },
          [at(2)],
        );
        assert.deepEqual(await listed(), [seen, at(2), at(6)].map(shown));
        await storage.imports.replaceOutages({ targetId: id, vantage: mainVantage }, all, []);
        assert.deepEqual(await listed(), [shown(seen)]);
      }));
  });

  describe('retention', () => {
    test('deletes raw results by age, later minutes, later hours, and answers from what is left', () =>
      withBench(async (bench, id) => {
        await append(bench.storage, seconds(id, start, 7200));
        await maintainAll(bench.storage, start + 3 * hourMillis);
        const [from, to] = [start, start + 2 * hourMillis];
        const read = (bucketMillis: number) =>
          bench.storage.readWindow({ targetId: id, vantage: 0, from, to, bucketMillis });
        const exact = await read(hourMillis);
        assert.deepEqual([exact.resolution, exact.percentileErrorRatio], ['raw', 0]);
        assert.ok((await maintainAll(bench.storage, start + 5 * dayMillis)) > 0);
        assert.deepEqual(await streamed(bench.storage, id), []);
        const minutes = await read(30 * minuteMillis);
        assert.deepEqual([minutes.resolution, minutes.sampleCount, minutes.buckets.length], ['1m', 7200, 4]);
        await maintainAll(bench.storage, start + 40 * dayMillis);
        const hours = await read(hourMillis);
        assert.deepEqual([hours.resolution, hours.sampleCount, hours.rttMinMicros], ['1h', 7200, exact.rttMinMicros]);
        assert.ok(Math.abs((hours.rttP95Micros ?? 0) / (exact.rttP95Micros ?? 0) - 1) <= hours.percentileErrorRatio);
        await maintainAll(bench.storage, start + 6 * 365 * dayMillis);
        assert.equal((await read(hourMillis)).sampleCount, 0);
        assert.equal((await bench.storage.listEvents(id, 9)).length, 1);
      }));

    test('of 0 days keeps for ever', () =>
      withBench(async ({ storage }, id) => {
        await append(storage, seconds(id, start, 100));
        await maintainAll(storage, start + 4000 * dayMillis, { rawDays: 0, minuteDays: 0, hourDays: 0 });
        assert.equal((await streamed(storage, id)).length, 100);
      }));

    test('never deletes results that are not rolled up, however late the maintenance', () =>
      withBench(async ({ storage }, id) => {
        await append(storage, seconds(id, start, 7200));
        await maintainAll(storage, start + 50 * dayMillis);
        const [from, to] = [start, start + 2 * hourMillis];
        const window = await storage.readWindow({ targetId: id, vantage: 0, from, to, bucketMillis: hourMillis });
        assert.equal(window.sampleCount, 7200);
      }));

    test('results that arrive after their hour was deleted count in the rollups, once, even after a retry', () =>
      withBench(async (bench, id) => {
        await append(bench.storage, seconds(id, start, 3600));
        await maintainAll(bench.storage, start + 5 * dayMillis);
        const late = {
          source: 'late',
          sequence: 1,
          vantage: mainVantage,
          results: batchFromRows(seconds(id, start + 500, 10)),
          events: [],
        };
        await bench.storage.append(late);
        await bench.storage.append(late);
        const storage = await bench.reopen();
        await storage.append(late);
        await maintainAll(storage, start + 5 * dayMillis);
        const query = { targetId: id, vantage: 0, from: start, to: start + hourMillis, bucketMillis: minuteMillis };
        const window = await storage.readWindow(query);
        assert.deepEqual([window.sampleCount, window.lossCount, window.buckets[0]?.sampleCount], [3610, 361, 70]);
        const backfilled = await storage.backfill(late.results, { vantage: mainVantage, isRawDroppedWhenAged: false });
        assert.deepEqual(backfilled, { stored: 0, duplicates: 10 });
      }));
  });

  describe('a fleet', () => {
    test(
      'with a backlog is rolled up although no statement may take long, while new results arrive',
      async () => {
        const isSmall = engine === 'timescaledb in wasm';
        const [count, minutes, perMinute] = isLong && !isSmall ? [5000, 1440, 1] : [isSmall ? 20 : 150, 70, 5];
        const url = await server.newDatabase();
        const end = start + minutes * minuteMillis;
        const open = (address = url): Promise<Storage> =>
          openStorage(address, { retention, now: () => end, onNotice: () => {} });
        const intervalMillis = minuteMillis / perMinute;
        const append = async (storage: Storage, ids: readonly TargetId[], slot: number): Promise<void> => {
          const results = createBatch(ids.length);
          results.targetIds.set(ids);
          results.sentAtMillis.fill(start + slot * intervalMillis);
          results.intervalMillis.fill(intervalMillis);
          results.rttMicros.set(ids.map((id) => 10_000 + id));
          await storage.append({
            source: 'fleet',
            sequence: slot + 1,
            vantage: mainVantage,
            results,
            events: noEvents,
          });
        };
        let ids: readonly TargetId[];
        {
          await using storage = await open();
          const addresses = Array.from({ length: count }, (_, index) => `198.18.${index >> 8}.${index & 255}`);
          const targets = addresses.map((ip) => ({ ...target(ip), intervalMillis }));
          ids = (await storage.addTargets(targets, start, 'x')).map(({ id }) => id);
          for (let slot = 0; slot < minutes * perMinute; slot++) await append(storage, ids, slot);
        }
        // The server itself ends what takes longer: an hour of the whole fleet never fits, on a machine of any speed.
        const isQuick = url.startsWith('sqlite:') || isSmall || isLong;
        {
          await using storage = await open(isQuick ? url : `${url}?statement_timeout=400`);
          const untilTaken = async (slot: number): Promise<void> => {
            while (
              !(await append(storage, ids, slot).then(
                () => true,
                () => false,
              ))
            );
          };
          for (let [slot, hasMore] = [minutes * perMinute, true]; hasMore || slot < (minutes + 3) * perMinute; slot++) {
            if (slot < (minutes + 3) * perMinute) await untilTaken(slot);
            ({ hasMore } = await storage.maintain(end + 2 * minuteMillis, retention));
          }
          await maintainAll(storage, end + 10 * minuteMillis);
        }
        await using storage = await open();
        const rows = await storage.readFleet({
          ids: ids,
          vantage: mainVantage,
          from: start,
          to: start + hourMillis,
          sparkBuckets: 60,
        });
        assert.deepEqual([...new Set(rows.map(({ summary }) => summary.sampleCount))], [60 * perMinute]);
        const query = { targetId: ids[0] ?? 0, vantage: 0, from: start, bucketMillis: hourMillis } as const;
        const { sampleCount } = await storage.readWindow({ ...query, to: start + 2 * hourMillis } as WindowQuery);
        assert.equal(sampleCount, Math.min(120, minutes + 3) * perMinute);
      },
      fleetMillis,
    );
  });

  describe('windows', () => {
    test('leave out empty buckets and return undefined without a reply', () =>
      withBench(async ({ storage }, id) => {
        await append(storage, [row(id, start + 61_000, { outcome: 'timeout' }), row(id, start + 200_000, reply(5000))]);
        const window = await storage.readWindow({
          ...{ targetId: id, vantage: 0, from: start, to: start + hourMillis, bucketMillis: minuteMillis },
        });
        assert.deepEqual(
          window.buckets.map(({ startAt }) => startAt),
          [start + 60_000, start + 180_000],
        );
        assert.deepEqual([window.buckets[0]?.rttMeanMicros, window.buckets[0]?.lossCount], [undefined, 1]);
        assert.deepEqual([window.rttP99Micros, window.jitterMicros], [5000, undefined]);
        const empty = await storage.readWindow({
          ...{ targetId: id, vantage: 0, from: start - hourMillis, to: start, bucketMillis: minuteMillis },
        });
        assert.deepEqual([empty.sampleCount, empty.rttMinMicros, empty.coverageRatio], [0, undefined, 0]);
      }));

    test('know how much of them was covered', () =>
      withBench(async ({ storage }, id) => {
        await append(storage, seconds(id, start, 1800));
        const query = { targetId: id, vantage: 0, from: start, to: start + hourMillis, bucketMillis: minuteMillis };
        assert.equal((await storage.readWindow(query)).coverageRatio, 0.5);
        const hourly = { ...row(id, start + 2 * hourMillis), intervalMillis: hourMillis };
        await append(storage, [hourly]);
        const [from, to] = [start + 2.25 * hourMillis, start + 2.75 * hourMillis];
        assert.equal((await storage.readWindow({ ...query, from, to })).coverageRatio, 1);
      }));

    test('count hops by the length of the path if the TTL is ambiguous, before and after rolling up', () =>
      withBench(async (bench, id, other) => {
        const ttls = [30, 30, 30, 62, 29, 30];
        await append(
          bench.storage,
          ttls.map((ttl, index) => row(id, start + index * 1000, reply(20_000, ttl))),
        );
        const expectHops = async (): Promise<void> => {
          const query = { targetId: id, vantage: 0, from: start, to: start + hourMillis, bucketMillis: hourMillis };
          const hopsWith = async (pathHops?: number) => (await bench.storage.readWindow({ ...query, pathHops })).hops;
          assert.deepEqual(await hopsWith(), { last: 2, min: 2, max: 3, mostFrequent: 2 });
          assert.deepEqual(await hopsWith(2), { last: 2, min: 2, max: 3, mostFrequent: 2 });
          assert.deepEqual(await hopsWith(34), { last: 34, min: 2, max: 35, mostFrequent: 34 });
        };
        await expectHops();
        await maintainAll(bench.storage, start + 30 * dayMillis);
        await expectHops();
        const hop = { ip: '10.0.0.1', host: undefined, rttMicros: 800, sent: 1, answers: [] };
        const path = (length: number) => {
          const hops = Array.from({ length }, (_, index) => ({ ...hop, ttl: index + 1 }));
          return { startedAt: start, finishedAt: start + 1, isDestinationReached: true, hops };
        };
        for (const length of [3, 35])
          await bench.storage.addTrace({ targetId: id, vantage: mainVantage, path: path(length) }, []);
        for (const length of [35, 16])
          await bench.storage.addTrace({ targetId: other, vantage: mainVantage, path: path(length) }, []);
        const long = await bench.storage.listLongTraces();
        assert.deepEqual(
          long.map(({ targetId, path: { hops } }) => [targetId, hops.length]),
          [[id, 35]],
        );
      }));

    test('the fleet has a row for each target with its last result and sparks', () =>
      withBench(async ({ storage }, id, other) => {
        await append(storage, seconds(id, start, 3595));
        const [a, b] = await storage.readFleet({
          ids: [id, other],
          vantage: mainVantage,
          from: start,
          to: start + hourMillis,
          sparkBuckets: 6,
        });
        assert.deepEqual([a?.targetId, a?.summary.sampleCount, a?.summary.lossCount], [id, 3595, 359]);
        const [ofA, ofB] = [joinSparks(a?.sparks ?? []), joinSparks(b?.sparks ?? [])];
        assert.deepEqual([a?.lastSentAt, a?.lastReplyTtl, ofA.lossRatio.length], [start + 3_594_000, 57, 6]);
        assert.equal(a?.lastRttMicros, 20_000 + ((3594 * 37) % 1000));
        assert.equal(ofA.lossRatio[0], 0.1);
        assert.ok(Math.abs((ofA.rttMicros[2] ?? 0) - 20_500) < 200);
        assert.deepEqual([b?.summary.sampleCount, b?.lastSentAt, ofB.rttMicros[0]], [0, undefined, undefined]);
        await maintainAll(storage, start + 2 * hourMillis);
        const [sealed] = await storage.readFleet({
          ids: [id],
          vantage: mainVantage,
          from: start,
          to: start + hourMillis,
          sparkBuckets: 6,
        });
        assert.ok(Math.abs((sealed?.jitterMicros ?? 0) - (a?.jitterMicros ?? 0)) < 1e-8);
        assert.deepEqual({ ...sealed, jitterMicros: 0 }, { ...a, jitterMicros: 0 });
      }));
  });
});
