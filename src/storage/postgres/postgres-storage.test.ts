import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type TargetId, mainVantage } from '../../core/ids.ts';
import { batchFromRows } from '../../core/result/probe-result.ts';
import { createSyntheticHistory } from '../../core/synthetic/synthetic.ts';
import { dayMillis, floorTo, hourMillis, minuteMillis } from '../../core/history/time-buckets.ts';
import { type Commit, openStorage, type Storage } from '../storage.ts';
import {
  failingScript as failing,
  installTimescale,
  type PostgresServer,
  rowsOn,
  runOn,
  startPostgres,
  startTimescaleInWasm,
  useTimescaleAt,
} from '../../../test/database-servers.ts';

import { until } from '../../../test/e2e/server.ts';
import { openConnections } from './connection/connection.ts';
import { createTimescaleTables } from './tables/timescale-tables.ts';

const start = Date.UTC(2026, 2, 10, 7);
const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose](), 60_000);

function open(url: string, notices: string[] = []): Promise<Storage> {
  return openStorage(url, { retention, now: () => start, onNotice: (message) => notices.push(message) });
}

async function addTarget(storage: Storage): Promise<TargetId> {
  const target = { ip: '192.0.2.1', intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };
  const [added] = await storage.addTargets([target], start, 'x');
  assert.ok(added !== undefined);
  return added.id;
}

function commitOf(targetId: TargetId, sequence: number): Commit {
  const result = { outcome: 'reply', rttMicros: 20_000, replyTtl: 57 } as const;
  const rows = Array.from({ length: 100 }, (_, index) => ({
    ...{ targetId, intervalMillis: 1000, result },
    sentAt: start + (sequence * 100 + index) * 1000,
  }));
  return { source: 'test', sequence, vantage: mainVantage, results: batchFromRows(rows), events: [] };
}

async function countOf(storage: Storage, id: TargetId): Promise<number> {
  let count = 0;
  for await (const batch of storage.streamResults({ targetId: id, vantage: mainVantage }, 0, start * 2))
    count += batch.length;
  return count;
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

describe('an address that cannot be used', () => {
  test.each([
    ['with a wrong password', (url: string) => url.replace('secret', 'wrong'), /user or password .* DATABASE_URL/],
    ['of a missing database', (url: string) => `${url}_missing`, /no database .* create it/],
    ['where nothing listens', (url: string) => url.replace(/:\d+\//, ':9/'), /No PostgreSQL answers .* start it/],
    ['that is none', () => 'postgresql:/x', /must be like postgresql:/],
  ])('%s is refused with what to do', async (_name, change, sentence) => {
    const url = await server.newDatabase();
    await assert.rejects(open(change(url)), (error: Error) => {
      assert.match(error.message, sentence);
      return true;
    });
  });

  test('of a user without rights is refused with a remedy', async () => {
    const url = await server.newDatabase();
    await runOn(url, "create role weak login password 'weak'");
    await assert.rejects(open(url.replace('pmd:secret', 'weak:weak')), /administrator run GRANT CREATE ON DATABASE/);
  });

  test('of a newer schema is refused with the version needed, and nothing is changed', async () => {
    const url = await server.newDatabase();
    await (await open(url))[Symbol.asyncDispose]();
    await runOn(url, "insert into pmd.schema_migrations (version, name) values (99, 'later')");
    await assert.rejects(open(url), /newer PingMeDaddy \(schema 99, this program knows up to \d+\): update it/);
  });
});

test('a read-only server, as in a failover, is distinguished from one that refuses a user', async () => {
  const url = await server.newDatabase();
  await runOn(url, `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`);
  await assert.rejects(open(url), /is read-only \(a replica.*point DATABASE_URL to the primary/);
});

test('the flavour is the requested one, and stays what the database was created with', async () => {
  const url = await server.newDatabase();
  const options = { retention, now: () => start, onNotice: () => {} };
  await assert.rejects(openStorage(url, { ...options, flavour: 'timescale' }), {
    message: /TimescaleDB is not installed .*DATABASE_FLAVOUR=plain/,
  });
  {
    const notices: string[] = [];
    await using storage = await openStorage(url, {
      ...options,
      flavour: 'plain',
      onNotice: (each) => notices.push(each),
    });
    assert.equal((await storage.health()).engine, 'postgresql');
    assert.deepEqual(notices, []);
  }
  await assert.rejects(openStorage(url, { ...options, flavour: 'timescale' }), {
    message: /was begun as plain .*DATABASE_FLAVOUR is timescale/,
  });
  await (await openStorage(url, options))[Symbol.asyncDispose]();
});

const working = `create function time_bucket(width interval, at timestamptz) returns timestamptz language sql return at`;

describe('a TimescaleDB that is installed and', () => {
  const options = { retention, now: () => start };

  test.each([
    [
      'not preloaded',
      { script: failing('extension "timescaledb" must be preloaded', 'XX000') },
      /is installed on the server of test_\d+ at [\d.:]+ but cannot be used \(extension "timescaledb" must be preloaded\)/,
      /add timescaledb to shared_preload_libraries in postgresql\.conf and restart PostgreSQL/,
    ],
    [
      'without its licence',
      { script: working, licence: 'apache' },
      /cannot be used \(it runs with its Apache licence, which has neither compression nor continuous aggregates\)/,
      /set timescaledb\.license = 'timescale' in postgresql\.conf and restart PostgreSQL/,
    ],
    [
      'broken',
      { script: failing('could not access file "$libdir/timescaledb": No such file or directory', '58P01') },
      /cannot be used \(could not access file "\$libdir\/timescaledb"/,
      /check its installation on the server/,
    ],
  ] as const)(
    '%s leaves plain tables to auto, with a warning, and nothing to timescale',
    async (_, how, why, remedy) => {
      const url = await server.newDatabase();
      await installTimescale(url, how);
      await assert.rejects(
        openStorage(url, { ...options, onNotice: () => {}, flavour: 'timescale' }),
        (error: Error) => {
          for (const part of [why, remedy, /or set DATABASE_FLAVOUR=plain for a new database on plain tables\.$/]) {
            assert.match(error.message, part);
          }
          return true;
        },
      );
      for (const isFirst of [true, false]) {
        const notices: string[] = [];
        await using storage = await openStorage(url, { ...options, onNotice: (each) => notices.push(each) });
        assert.equal(notices.length, 1);
        for (const part of isFirst
          ? [why, remedy, /gets plain tables and stays on them/]
          : [/begun on plain PostgreSQL/]) {
          assert.match(notices[0] ?? '', part);
        }
        const { engine, message, isWritable } = await storage.health();
        assert.deepEqual([engine, isWritable], ['postgresql', true]);
        assert.match(message, /^PostgreSQL [\d.]+ with plain tables \(its TimescaleDB is not used\), test_\d+ at/);
      }
      assert.deepEqual(
        await rowsOn(url, `select from pg_extension where extname = 'timescaledb'`),
        [],
        'nothing is left',
      );
    },
  );

  test('can no longer be used is still needed by a database that was created with it', async () => {
    const url = await server.newDatabase();
    await installTimescale(url, { script: failing('extension "timescaledb" must be preloaded', 'XX000') });
    await runOn(url, 'create schema pmd');
    await runOn(url, 'create table pmd.schema_migrations (version integer, name text)');
    await runOn(url, `insert into pmd.schema_migrations values (0, 'timescale')`);
    await assert.rejects(open(url), /must be preloaded.*; this database was begun on TimescaleDB and needs it\.$/);
  });

  test('may not be created by this user, or does not answer in time, decides nothing permanently', async () => {
    const url = await server.newDatabase();
    for (const [code, sentence] of [
      ['42501', /let an administrator run "create extension timescaledb" in test_\d+/],
      ['57014', /ended a statement that took too long/],
    ] as const) {
      await installTimescale(url, { script: failing('no', code) });
      await assert.rejects(open(url), sentence);
    }
    const [made] = await rowsOn(url, `select to_regclass('pmd.schema_migrations') as made`);
    assert.equal(made?.['made'], null);
  });
});

test('TLS that is unavailable or cannot be verified is reported with the choices', async () => {
  const url = await server.newDatabase();
  await assert.rejects(open(`${url}?sslmode=require`), /offers no TLS .*DATABASE_URL.*sslmode=disable/);
  await assert.rejects(open(`${url}?sslrootcert=/nowhere/ca.pem`), /certificate file .*DATABASE_URL.*sslrootcert=/);
  const folder = await mkdtemp(join(tmpdir(), 'pmd-tls-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ed25519', '-nodes', ...subject, '-keyout', key, '-out', certificate],
    { stdio: 'pipe' },
  );
  await chmod(key, 0o600);
  const setTls = async (isOn: boolean): Promise<void> => {
    await runOn(url, `alter system set ssl_key_file = '${key}'`);
    await runOn(url, `alter system set ssl_cert_file = '${certificate}'`);
    await runOn(url, `alter system set ssl = ${isOn ? 'on' : 'off'}`);
    await runOn(url, 'select pg_reload_conf()');
    await until('the setting', async () => (await rowsOn(url, 'show ssl'))[0]?.['ssl'] === (isOn ? 'on' : 'off'));
  };
  await setTls(true);
  try {
    await assert.rejects(
      open(`${url}?sslmode=verify-full`),
      /TLS connection to .* failed .*DATABASE_URL.*sslmode=no-verify/,
    );
    await (await open(`${url}?sslmode=no-verify`))[Symbol.asyncDispose]();
    await (await open(`${url}?sslmode=verify-full&sslrootcert=${certificate}`))[Symbol.asyncDispose]();
  } finally {
    await setTls(false);
    await rm(folder, { recursive: true });
  }
}, 30_000);

test('a server that is too old is refused', async () => {
  const url = await server.newDatabase();
  // No old server is available: this one pretends, in this database, to be one.
  await runOn(
    url,
    `create schema old;
     create function old.current_setting(name text) returns text language sql
       as $$ select case name when 'server_version_num' then '140019' else '14.19' end $$;
     alter database ${new URL(url).pathname.slice(1)} set search_path = old, pg_catalog`,
  );
  await assert.rejects(open(url), /PostgreSQL 14\.19 is too old: version 15 or newer is needed/);
});

const timescaleUrl = process.env['PMD_TEST_TIMESCALE_URL'];

// The WASM one is neither without its licence nor somebody's server: these need a real one, whose address is given.
describe.each(timescaleUrl === undefined ? [] : [timescaleUrl])('a TimescaleDB that cannot be used', (timescaleUrl) => {
  const timescale = useTimescaleAt(timescaleUrl);
  afterAll(() => timescale[Symbol.asyncDispose]());

  test('because its licence is Apache is refused with the setting to change', async () => {
    const url = await timescale.newDatabase();
    await runOn(url, 'create extension if not exists timescaledb');
    const setLicence = async (licence: string): Promise<void> => {
      await runOn(url, `alter system set timescaledb.license = '${licence}'`);
      await runOn(url, 'select pg_reload_conf()');
    };
    await setLicence('apache');
    try {
      const asked = { retention, now: () => start, onNotice: () => {}, flavour: 'timescale' as const };
      await assert.rejects(openStorage(url, asked), /Apache licence.*set timescaledb\.license = 'timescale'/);
      const notices: string[] = [];
      await using storage = await open(url, notices);
      assert.match(notices[0] ?? '', /Apache licence.*gets plain tables and stays on them/);
      assert.equal((await storage.health()).engine, 'postgresql');
    } finally {
      await setLicence('timescale');
    }
  });

  test('because its extension may not be created says who can', async () => {
    const url = new URL(await timescale.newDatabase());
    await runOn(url.href, 'drop extension if exists timescaledb');
    const role = `weak_${process.pid}`;
    await runOn(timescaleUrl, `create role ${role} login password 'weak'`);
    [url.username, url.password] = [role, 'weak'];
    try {
      await assert.rejects(open(url.href), /administrator run "create extension timescaledb"/);
    } finally {
      await runOn(timescaleUrl, `drop role ${role}`);
    }
  });
});

test("TimescaleDB's own jobs change no answer, whatever retention has dropped beneath their rollups", async () => {
  await using timescale = await startTimescaleInWasm();
  const url = await timescale.newDatabase();
  const now = Date.now();
  const oneDay = { rawDays: 1, minuteDays: 2, hourDays: 1827 };
  const atNow = { retention: oneDay, now: () => now, onNotice: () => {} };
  await using storage = await openStorage(url, atNow);
  const id = await addTarget(storage);
  const from = floorTo(now, hourMillis) - 4 * dayMillis;
  const history = createSyntheticHistory({ seed: 3, index: 0, targetId: id, intervalMillis: 60_000, lossRatio: 0.1 });
  const results = history.results(from, floorTo(now, minuteMillis));
  await storage.append({ source: 'test', sequence: 1, vantage: mainVantage, results, events: [] });
  while ((await storage.maintain(now, oneDay)).hasMore);
  await using connections = openConnections(url, { onNotice: () => {} });
  // Empty days before it would be rolled up one by one.
  assert.equal(await createTimescaleTables(connections).nextDataAt('day', 0), from);
  const windows = [
    { from, to: from + 4 * dayMillis, bucketMillis: hourMillis },
    { from: now - 6 * hourMillis, to: now, bucketMillis: 600_000 },
  ];
  const answers = (): Promise<unknown> =>
    Promise.all(windows.map((window) => storage.readWindow({ targetId: id, vantage: 0, ...window })));
  const before = await answers();
  assert.equal((before as readonly { readonly sampleCount: number }[])[0]?.sampleCount, 4 * 1440);
  const jobs = await rowsOn(
    url,
    `select job_id from timescaledb_information.jobs where hypertable_schema = 'pmd'
    or hypertable_schema = '_timescaledb_internal' order by job_id`,
  );
  assert.ok(jobs.length >= 7, `${jobs.length} jobs`);
  for (const { job_id: job } of jobs) await runOn(url, `call public.run_job(${String(job)})`);
  assert.deepEqual(await answers(), before);
  assert.equal((await storage.health()).message.includes('failed'), false);
  // No scheduler runs here: this is what one leaves behind when a job has failed.
  await runOn(
    url,
    `insert into _timescaledb_internal.bgw_job_stat (job_id, last_start, last_finish, next_start,
       last_successful_finish, last_run_success, total_runs, total_duration, total_duration_failures, total_successes,
       total_failures, total_crashes, consecutive_failures, consecutive_crashes, flags)
     select job_id, now(), now(), now(), '-infinity', false, 1, '1 s', '1 s', 0, 1, 0, 1, 0, 0
     from timescaledb_information.jobs
     where scheduled and proc_name = 'policy_compression' and hypertable_name = 'probe_results'`,
  );
  assert.match(
    (await storage.health()).message,
    /The last run of these TimescaleDB jobs failed: policy_compression of probe_results \(job \d+\); .*Rollups do not/,
  );
}, 120_000);

test('the old form of an address works, and the benefit of TimescaleDB is mentioned once', async () => {
  const notices: string[] = [];
  const url = (await server.newDatabase()).replace('postgresql:', 'postgresql+asyncpg:');
  await using storage = await open(url, notices);
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? '', /TimescaleDB would/);
  assert.deepEqual((await storage.health()).engine, 'postgresql');
});

test('a migration that failed halfway continues at the next start', async () => {
  const url = await server.newDatabase();
  await runOn(url, 'create schema pmd');
  await runOn(url, 'create table pmd.added_hour_rollups (in_the_way integer)');
  await assert.rejects(open(url), /added_hour_rollups/);
  await runOn(url, 'drop table pmd.added_hour_rollups');
  await using storage = await open(url);
  assert.equal((await storage.health()).isWritable, true);
});

test('hours from before there were days get theirs from maintenance, and the answers stay the same', async () => {
  const url = await server.newDatabase();
  const from = start - 60 * dayMillis;
  let id: TargetId;
  {
    await using storage = await open(url);
    id = await addTarget(storage);
    const results = createSyntheticHistory({
      seed: 3,
      index: 0,
      lossRatio: 0.1,
      targetId: id,
      intervalMillis: 600_000,
    });
    await storage.backfill(results.results(from, start), { vantage: mainVantage, isRawDroppedWhenAged: true });
    while ((await storage.maintain(start, retention)).hasMore);
  }
  const answerOf = (storage: Storage): Promise<unknown> =>
    storage.readWindow({ targetId: id, vantage: 0, from, to: start, bucketMillis: 7 * dayMillis });
  const daysOf = (): Promise<readonly Record<string, unknown>[]> =>
    rowsOn(url, 'select * from pmd.added_day_rollups order by start_at');
  const days = await daysOf();
  // As migration 0009 finds a database that was there before it.
  await runOn(url, 'truncate pmd.added_day_rollups');
  await runOn(url, 'insert into pmd.targets_without_days select distinct target_id from pmd.added_hour_rollups');
  await using storage = await open(url);
  const before = await answerOf(storage);
  while ((await storage.maintain(start, retention)).hasMore);
  assert.ok(days.length > 50);
  assert.deepEqual(await daysOf(), days);
  assert.deepEqual(await rowsOn(url, 'select * from pmd.targets_without_days'), []);
  const [known, made] = [before, await answerOf(storage)].map((answer) => JSON.stringify(answer, rounded));
  assert.equal(made, known);
}, 30_000);

/** Sums of many parts depend on their order in the last digits. */
function rounded(_name: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(12)) : value;
}

test('two that start together set up one schema, and only one of them may write', async () => {
  const url = await server.newDatabase();
  const opened = await Promise.allSettled([open(url), open(url)]);
  const [refused] = opened.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
  for (const each of opened) if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
  assert.match(refused ?? '', /Another PingMeDaddy writes to/);
}, 30_000);

test('a commit refused by a stopped server is stored once it is back', async () => {
  await using storage = await open(await server.newDatabase());
  const id = await addTarget(storage);
  await storage.append(commitOf(id, 1));
  await server.stop();
  await assert.rejects(storage.append(commitOf(id, 2)), { code: 'storage-unavailable' });
  assert.equal((await storage.health()).isWritable, false);
  await server.start();
  await storage.append(commitOf(id, 2));
  assert.equal(await countOf(storage, id), 200);
}, 30_000);

test('a frozen server does not block a commit for ever, and a commit that it completed later counts once', async () => {
  await using storage = await open(await server.newDatabase());
  const id = await addTarget(storage);
  await storage.append(commitOf(id, 1));
  const { pid } = server.process;
  assert.ok(pid !== undefined);
  const frozen = [pid, ...childrenOf(pid)];
  for (const each of frozen) process.kill(each, 'SIGSTOP');
  try {
    await assert.rejects(storage.append(commitOf(id, 2)), { code: 'storage-unavailable' });
  } finally {
    for (const each of frozen) process.kill(each, 'SIGCONT');
  }
  await storage.append(commitOf(id, 2));
  await storage.append(commitOf(id, 2));
  assert.equal(await countOf(storage, id), 200);
}, 60_000);
