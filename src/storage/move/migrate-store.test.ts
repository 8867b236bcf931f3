import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test, vi } from 'vitest';
import {
  type PostgresServer,
  runOn,
  startPostgres,
  startTimescaleInWasm,
  type TestServer,
} from '../../../test/database-servers.ts';
import { eventOf, seenEvent } from '../../core/event/event.ts';
import { type EpochMillis, type TargetId, mainVantage, type VantageId } from '../../core/ids.ts';
import { createSyntheticHistory } from '../../core/synthetic/synthetic.ts';
import { dayMillis, floorTo, hourMillis } from '../../core/history/time-buckets.ts';
import {
  noRefusals,
  type MigrateOutcome,
  migrateStoreBetween,
  type MigrateStoreOptions,
  openStorage,
  refuseHalfMoved,
  type Storage,
} from '../storage.ts';

// The database in WASM is slow when others work at the same time.
vi.setConfig({ testTimeout: 120_000 });

const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
const now = Date.now();
const today = floorTo(now, hourMillis);
/** Sparse enough for the database in WASM. */
const agedIntervalMillis = 180_000;
const agedPerDay = dayMillis / agedIntervalMillis;
const [first, second, third] = [1, 2, 3] as TargetId[] as [TargetId, TargetId, TargetId];

let folder = '';
let postgres: PostgresServer;
let timescale: TestServer;
/** A database with some of everything, as a server with the default retention leaves it. */
let original = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pmd-migrate-'));
  [postgres, timescale] = await Promise.all([startPostgres(), startTimescaleInWasm()]);
  original = `sqlite:${join(folder, 'original.db')}`;
  await using storage = await open(original);
  await fill(storage);
});
afterAll(async () => {
  await Promise.all([postgres[Symbol.asyncDispose](), timescale[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true, force: true });
});

const open = (url: string): Promise<Storage> => openStorage(url, { retention, now: () => now, onNotice: () => {} });
const newFile = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`;

function migrate(from: string, to: string, options: Partial<MigrateStoreOptions> = {}): Promise<MigrateOutcome> {
  const { signal } = new AbortController();
  const quiet = { onProgress: () => {}, onNotice: () => {} };
  return migrateStoreBetween(from, to, { isCheckOnly: false, signal, ...quiet, ...options });
}

const elsewhere: VantageId = 5;

function history(targetId: TargetId, intervalMillis: number): ReturnType<typeof createSyntheticHistory> {
  return createSyntheticHistory({ intervalMillis, lossRatio: 0.02, seed: 7, index: targetId, targetId });
}

async function fill(storage: Storage): Promise<void> {
  const added = await storage.addTargets(
    ['198.18.0.1', '198.18.0.2', '2001:db8::3', '198.18.0.4'].map((ip) => ({
      ...{ ip, intervalMillis: 60_000, url: 'https://example.net/', notes: 'zwölf Boxkämpfer', isActive: false },
      packet: { payloadBytes: 56, dscp: 46, ttl: null, dontFragment: true },
      isSynthetic: true,
    })),
    today - 40 * dayMillis,
    'Synthetic history made',
  );
  assert.deepEqual(
    added.map(({ id }) => id),
    [1, 2, 3, 4],
  );
  for (const id of [first, second]) {
    const results = history(id, agedIntervalMillis).results(today - 40 * dayMillis, today);
    await storage.backfill(results, { vantage: mainVantage, isRawDroppedWhenAged: true });
  }
  // Results that no retention has touched, up to this second, unsealed ones among them.
  await storage.append({
    ...{ source: 'a server', sequence: 41, vantage: mainVantage },
    results: history(third, 1000).results(today - 2 * hourMillis, floorTo(now, 1000)),
    events: [
      seenEvent({ targetId: third, vantage: mainVantage }, 'down', { since: now - 9000, lostProbes: 5 }, now - 5000),
      seenEvent(
        { targetId: third, vantage: mainVantage },
        'recovery',
        { downSince: now - 9000, downSeconds: 8, lostProbes: 8 },
        now - 1000,
        'Up again',
      ),
    ],
  });
  // An agent elsewhere sees the same target in its own way.
  const key = { targetId: third, vantage: elsewhere };
  const downAt = today - hourMillis;
  await storage.append({
    ...{ source: 'an agent', sequence: 7, vantage: elsewhere },
    results: history(third, 5000).results(today - 2 * hourMillis, today),
    events: [seenEvent(key, 'down', { since: downAt, lostProbes: 5 }, downAt + 5000)],
    states: [{ ...key, state: 'down', since: downAt, phase: 'down', phaseSince: downAt, errno: null }],
  });
  const answer = { ip: '192.0.2.254', host: 'gateway.example', rttMicros: 420 };
  const hop = { ttl: 1, ...answer, sent: 1, answers: [{ ...answer, mplsLabels: [] }] };
  const path = { startedAt: now - 4000, finishedAt: now - 3000, isDestinationReached: false, hops: [hop] };
  await storage.addTrace({ targetId: third, vantage: mainVantage, path }, []);
  await storage.addTrace({ ...key, path }, []);
  await storage.deleteTarget(second, now, [eventOf(second, 'delete', { purged: false }, now)]);
  // An id that was given and may not be given again.
  await storage.purgeTarget(4 as TargetId);
  const user = { username: 'admin', passwordHash: '$argon2id$v=19$…', isSeeded: false, role: 'admin' } as const;
  await storage.saveUser({ ...user, tokensEndedAt: now - 9000, createdAt: now - 10_000 });
  const token = { username: 'admin', name: 'a script', role: 'viewer', tokenHash: 'ab', createdAt: now } as const;
  await storage.addApiToken({ ...token, expiresAt: now + dayMillis });
  const entry = { at: now, username: 'admin', address: '::1', action: 'addTarget', path: '/targets', status: 200 };
  await storage.addAuditEntries([{ ...entry, apiToken: 'a script', detail: '{}' }]);
  const job = await storage.imports.add({ targetId: third, fileName: 'a.csv', username: 'admin', startedAt: now });
  const progress = { rowCount: 100, refused: noRefusals, faults: [], from: today - 5 * hourMillis, to: today };
  for (const from of [today - 20 * dayMillis, today - 5 * hourMillis]) {
    await storage.imports.store(job.id, third, history(third, 1000).results(from, from + 100_000), progress);
  }
  await storage.imports.change(job.id, { state: 'done', endedAt: now });
  const outage = { from: today - 5 * hourMillis, to: today - 4 * hourMillis, lostProbes: 9, endedBy: undefined };
  await storage.imports.replaceOutages({ targetId: third, vantage: mainVantage }, { from: 0, to: now }, [outage]);
  while ((await storage.maintain(now, retention)).hasMore);
}

/** What the product answers about everything that the original holds. */
async function answersOf(url: string): Promise<unknown> {
  await using storage = await open(url);
  const windows: readonly (readonly [EpochMillis, EpochMillis, number])[] = [
    [today - hourMillis, today, 60_000],
    [today - dayMillis, today, 300_000],
    [today - 20 * dayMillis, today - 10 * dayMillis, hourMillis],
    [today - 39 * dayMillis, today, dayMillis],
  ];
  const summaries = [];
  for (const targetId of [first, second, third]) {
    for (const [from, to, bucketMillis] of windows) {
      const summary = await storage.readWindow({ targetId, vantage: mainVantage, from, to, bucketMillis });
      summaries.push(rounded(summary));
    }
  }
  const key = { targetId: third, vantage: elsewhere };
  for (const [from, to, bucketMillis] of windows) {
    summaries.push(rounded(await storage.readWindow({ ...key, from, to, bucketMillis })));
  }
  return {
    summaries,
    fleet: rounded(
      await storage.readFleet({
        ids: [first, second, third],
        vantage: mainVantage,
        from: today - hourMillis,
        to: today,
        sparkBuckets: 30,
      }),
    ),
    targets: await storage.listTargets(),
    deleted: await storage.findTarget(second),
    events: await Promise.all([first, second, third].map((id) => storage.listEvents(id, 100))),
    user: { ...(await storage.findUser('admin')), id: 0 },
    apiTokens: await storage.listApiTokens(),
    audit: await storage.listAuditEntries(10),
    traces: await storage.listTraces({ targetId: third, vantage: mainVantage }, 10),
    elsewhere: [
      await storage.readLatestResults(key, 500),
      await storage.listTraces(key, 10),
      await storage.listOutages(third, { vantage: elsewhere, from: 0, to: now, limit: 9 }),
      await storage.listStates(),
    ],
    newest: await storage.readLatestResults({ targetId: third, vantage: mainVantage }, 500),
  };
}

/** Sums of floats differ in their last bits with the order of adding. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === 'number' && !Number.isInteger(each) ? Number(each.toPrecision(9)) : each,
  );
}

test.for(['PostgreSQL', 'TimescaleDB'] as const)(
  'a database moves to %s and back, and answers the same',
  async (name) => {
    const there = await (name === 'PostgreSQL' ? postgres : timescale).newDatabase();
    const moved = await migrate(original, there);
    assert.deepEqual(moved.differences, []);
    assert.ok(
      moved.hourRollups > 2 * 39 * 24 &&
        moved.minuteRollups > 2 * 27 * agedPerDay &&
        moved.results > 2 * 3 * agedPerDay,
    );
    assert.equal(moved.copied, moved.countedResults);
    const expected = await answersOf(original);
    assert.ok(JSON.stringify(expected).length > 100_000, 'the answers are about something');
    assert.deepEqual(await answersOf(there), expected);

    const back = newFile(`back-from-${name}`);
    assert.deepEqual(await migrate(there, back), moved);
    assert.deepEqual(await answersOf(back), expected);

    await using storage = await open(back);
    const before = await storage.readLatestResults({ targetId: third, vantage: mainVantage }, 1);
    const results = history(third, 1000).results(now + hourMillis, now + hourMillis + 5000);
    await storage.append({ source: 'a server', sequence: 41, vantage: mainVantage, results, events: [] });
    assert.deepEqual(
      await storage.readLatestResults({ targetId: third, vantage: mainVantage }, 1),
      before,
      'a commit that was moved counts once',
    );
    const target = {
      ip: '192.0.2.1',
      intervalMillis: 1000,
      url: null,
      notes: null,
      isActive: true,
      isSynthetic: false,
    };
    const [added] = await storage.addTargets([target], now, 'Started');
    assert.equal(added?.id, 5, 'the id of the purged target is given to no other');
  },
);

test('a half-moved database is refused by a server, and the move continues where it was', async () => {
  const there = await postgres.newDatabase();
  const stopping = new AbortController();
  const interrupted = migrate(original, there, {
    signal: stopping.signal,
    onProgress: ({ stage, done }) => {
      if (stage === 'copying' && done > 5000) stopping.abort();
    },
  });
  await assert.rejects(interrupted, { name: 'AbortError' });
  {
    await using storage = await open(there);
    await assert.rejects(refuseHalfMoved(storage), /interrupted.*migrate-store again/s);
  }
  await assert.rejects(migrate(there, newFile('half')), /unfinished migration/);
  const whole = await migrate(original, there);
  assert.deepEqual(whole.differences, []);
  assert.ok(whole.copied > 0 && whole.copied < whole.countedResults - 5000, `${whole.copied} copied`);
  await using storage = await open(there);
  await refuseHalfMoved(storage);
});

test('differences are found, by count or by checksum', async () => {
  const there = await postgres.newDatabase();
  await migrate(original, there);
  await runOn(
    there,
    `update pmd.probe_results set rtt_micros = rtt_micros + 1 where (target_id, sent_at) in
       (select target_id, sent_at from pmd.probe_results where target_id = 3 and outcome = 0 order by sent_at limit 1)`,
  );
  await runOn(there, `delete from pmd.events where type = 'recovery'`);
  const { copied, differences } = await migrate(original, there, { isCheckOnly: true });
  assert.equal(copied, 0);
  assert.match(differences.join('\n'), /Events: \d+ in the first database, \d+ in the second/);
  assert.match(
    differences.join('\n'),
    /Results of target 3, 2001:db8::3, from vantage point 0: \d+ in both, but not the same ones/,
  );
});

test('databases that cannot be used are refused before anything is written', async () => {
  await assert.rejects(migrate(newFile('nowhere'), newFile('unused')), /There is no database/);
  await assert.rejects(migrate(await postgres.newDatabase(), newFile('unused')), /has not been initialised/);
  await assert.rejects(migrate(original, original), /same database/);
  const used = newFile('used');
  {
    await using storage = await open(used);
    const plan = { ip: '192.0.2.9', intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };
    await storage.addTargets([plan], now, 'Started');
    await assert.rejects(migrate(original, used), /Another process is writing/);
  }
  await assert.rejects(migrate(original, used), /holds 1 targets already/);
});
