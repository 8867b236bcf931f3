import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'vitest';
import { openStorage } from '../../src/storage/storage.ts';
import { type PostgresServer, rowsOn, runOn, startPostgres } from '../database-servers.ts';
import { until } from '../e2e/server.ts';
import { often } from './long.ts';

/*
 * A child opens a database of an earlier schema, as a start of the server does, through a relay that counts what it sends.
 * At one of these messages it is killed: before the message has gone on, or when it has and nobody waits for the answer.
 */
const folder = resolve('src/storage/postgres/migrations');
const files = readdirSync(folder)
  .filter((name) => /^\d{4}_\w+(\.plain)?\.sql$/.test(name))
  .toSorted();
const front = pathToFileURL(resolve('src/storage/storage.ts')).href;
const options = `{ retention: { rawDays: 3, minuteDays: 31, hourDays: 1827 }, now: Date.now, onNotice: () => {} }`;
const script = `import { openStorage } from '${front}';
  await (await openStorage(process.argv[1], ${options}))[Symbol.asyncDispose]();`;

/** Every earlier schema in the long version, some of them in the fast one. */
const schemasApart = often(4, 1);

test(
  'a migration on PostgreSQL from earlier schemas, killed at any of its messages, ends like an undisturbed one, and the data is complete',
  async () => {
    await using server = await startPostgres();
    const between = new Set<number>();
    let kills = 0;
    for (let known = 0; known < files.length; known += schemasApart) {
      const earlier = await makeEarlier(server, known);
      const whole = await copyOf(server, earlier);
      const { signal: none, messages } = await openThroughRelay(whole);
      assert.equal(none, null);
      assert.ok(messages > 10, `${messages} messages`);
      const undisturbed = await contentsOf(whole);
      if (known > 0) assertWhole(undisturbed);
      for (const at of some(messages, known)) {
        const where = `from schema ${known}, killed at message ${at}`;
        const killed = await copyOf(server, earlier);
        const { signal } = await openThroughRelay(killed, at);
        assert.equal(signal, 'SIGKILL', where);
        await untilLeft(server, killed);
        between.add(await schemaOf(killed));
        await open(killed);
        assert.deepEqual(await contentsOf(killed), undisturbed, where);
        kills++;
      }
    }
    assert.ok(kills >= 9 && between.size > 3, `${kills} kills, in schemas ${[...between].join()}`);
  },
  often(180_000, 7_200_000),
);

/** A few of the messages, or every one of them in the long version; other ones from each schema. */
function some(count: number, known: number): readonly number[] {
  const kills = often(3, count);
  const from = (known * 0.37) % 1;
  return Array.from({ length: kills }, (_, index) => 1 + Math.floor(((index + from) / kills) * count));
}

/** Schema `known` as a program of that time had made it, with some data. */
async function makeEarlier(server: PostgresServer, known: number): Promise<string> {
  const url = await server.newDatabase();
  if (known === 0) return url;
  await runOn(
    url,
    `create schema pmd; create table pmd.schema_migrations (
      version integer primary key, name text not null, applied_at timestamptz not null default now()
    ); insert into pmd.schema_migrations (version, name) values (0, 'plain')`,
  );
  for (const name of files.slice(0, known)) {
    const version = Number(name.slice(0, 4));
    await runOn(url, readFileSync(join(folder, name), 'utf8'));
    await runOn(url, `insert into pmd.schema_migrations (version, name) values (${version}, '${name}')`);
    if (version === 1) await runOn(url, firstData);
    if (version === 3) await runOn(url, results);
    if (version === 4) await runOn(url, rollups);
  }
  return url;
}

const firstData = `
  insert into pmd.targets (ip, interval_millis, is_active, created_at, is_synthetic)
    select '192.0.2.' || n, 1000, true, 'epoch', false from generate_series(1, 5) n;
  insert into pmd.events (target_id, type, message, created_at) select id, 'start', 'x', 'epoch' from pmd.targets;
  insert into pmd.users (username, password_hash, is_seeded, password_changed_at) values ('admin', 'x', true, 'epoch')`;
const results = `
  create table pmd.probe_results_20260505 partition of pmd.probe_results for values from ('2026-05-05') to ('2026-05-06');
  insert into pmd.probe_results (target_id, interval_millis, sent_at, rtt_micros, detail, vantage, outcome)
    select 1, 1000, timestamptz '2026-05-05' + n * interval '1 second', 1000 + n, 60, 0, 0 from generate_series(0, 999) n`;
const rollups = `
  insert into pmd.added_hour_rollups select * from pmd.roll_up_hours('2026-05-05', '2026-05-06')`;

function assertWhole(contents: ReadonlyMap<string, readonly unknown[]>): void {
  const countOf = (table: string): number => contents.get(table)?.length ?? 0;
  assert.deepEqual([countOf('targets'), countOf('events'), countOf('users')], [5, 5, 1]);
}

async function copyOf(server: PostgresServer, url: string): Promise<string> {
  const copy = await server.newDatabase();
  const [from, to] = [url, copy].map((each) => new URL(each).pathname.slice(1));
  await runOn(server.address('postgres'), `drop database ${to}`);
  await runOn(server.address('postgres'), `create database ${to} template ${from}`);
  return copy;
}

/** Killed at a message, if one is given: every second time when it has gone on. Answers how many there were. */
async function openThroughRelay(
  url: string,
  killAt = Number.POSITIVE_INFINITY,
): Promise<{ readonly signal: NodeJS.Signals | null; readonly messages: number }> {
  const address = new URL(url);
  const there = { host: address.hostname, port: Number(address.port) };
  let messages = 0;
  const relay = createServer((near) => {
    const far = connect(there);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('data', (chunk) => {
      messages++;
      if (messages >= killAt) child.kill('SIGKILL');
      if (messages < killAt || (messages === killAt && killAt % 2 === 0)) far.write(chunk);
    });
    near.on('close', () => far.end());
    far.pipe(near);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  address.port = String((relay.address() as AddressInfo).port);
  const values = ['--input-type=module', '-e', script, address.href];
  const child = spawn(process.execPath, values, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  relay.close();
  await once(relay, 'close');
  assert.ok(code === 0 || signal !== null, `it ended with ${code}`);
  return { signal, messages };
}

/** PostgreSQL ends what the killed one has begun, or has done it and then finds nobody there. */
async function untilLeft(server: PostgresServer, url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await until('PostgreSQL has noticed', async () => {
    const sql = `select 1 from pg_stat_activity where datname = '${name}'`;
    return (await rowsOn(server.address('postgres'), sql)).length === 0;
  });
}

async function open(url: string): Promise<void> {
  const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
  const storage = await openStorage(url, { retention, now: Date.now, onNotice: () => {} });
  await storage[Symbol.asyncDispose]();
}

async function schemaOf(url: string): Promise<number> {
  const [known] = await rowsOn(url, `select to_regclass('pmd.schema_migrations') is not null as is_there`);
  if (known?.['is_there'] !== true) return 0;
  const [row] = await rowsOn(url, 'select max(version) as version from pmd.schema_migrations');
  return Number(row?.['version'] ?? 0);
}

/** Everything that the schema is made of, and the rows of its tables; `writer` counts the starts, which differ. */
async function contentsOf(url: string): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const schema = {
    columns: `select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
      where table_schema = 'pmd' order by 1, ordinal_position`,
    indexes: `select indexname, indexdef from pg_indexes where schemaname = 'pmd' order by 1`,
    constraints: `select conrelid::regclass::text as on_table, conname, pg_get_constraintdef(oid) as definition
      from pg_constraint where connamespace = 'pmd'::regnamespace order by 1, 2, 3`,
    functions: `select oid::regprocedure::text as name, prosrc from pg_proc
      where pronamespace = 'pmd'::regnamespace and prokind = 'f' order by 1`,
    views: `select viewname, definition from pg_views where schemaname = 'pmd' order by 1`,
  };
  const contents = new Map<string, readonly unknown[]>();
  for (const [name, sql] of Object.entries(schema)) contents.set(`schema of ${name}`, await rowsOn(url, sql));
  const tables = await rowsOn(
    url,
    `select relname from pg_class where relnamespace = 'pmd'::regnamespace and relkind in ('r', 'p')
      and not relispartition and relname <> 'writer' order by 1`,
  );
  for (const { relname } of tables) {
    const table = String(relname);
    const what = table === 'schema_migrations' ? 'version, name' : '*';
    contents.set(table, await rowsOn(url, `select ${what} from pmd.${table} each order by each::text`));
  }
  return contents;
}
