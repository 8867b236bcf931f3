import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { describe, test } from 'vitest';
import { rowsOn, runOn, startPostgres, startTimescaleInWasm, type TestServer } from '../database-servers.ts';
import { type Answers, askForAll, keepAll } from '../releases/answers.ts';
import { logIn, startServer, temporaryFolder } from './server.ts';

/*
 * What each release left behind (test/releases/record.ts) is opened by this one, which must answer the same about it, and
 * may answer more.
 */
const releases = resolve('test/releases');
const migrations = resolve('src/storage/postgres/migrations');

interface Recorded {
  readonly window: { readonly start: string; readonly end: string };
  readonly answers: Answers;
}

interface RowsOfAll {
  readonly partitions: readonly { readonly name: string; readonly parent: string; readonly bound: string }[];
  readonly rows: Readonly<Record<string, readonly unknown[]>>;
}

function unpacked(version: string, name: string): Buffer {
  return zstdDecompressSync(readFileSync(join(releases, version, `${name}.zst`)));
}

function read(version: string, name: string): unknown {
  return JSON.parse(unpacked(version, name).toString());
}

const versions = readdirSync(releases).filter((name) => existsSync(join(releases, name, 'sqlite.db.zst')));

describe.for(versions)('what %s kept', (version) => {
  test('on SQLite is answered by this version, and a copy of the file is kept', async () => {
    await using folder = await temporaryFolder();
    writeFileSync(join(folder.path, 'pingmedaddy.db'), unpacked(version, 'sqlite.db'));
    const [paths, before] = await compareAnswers(folder.path, {}, read(version, 'sqlite.answers.json') as Recorded);
    assert.deepEqual(paths, before);
    assert.ok(readdirSync(folder.path).some((name) => /^pingmedaddy\.db\.schema-\d+\.bak$/.test(name)));
  });

  test.for(['plain', 'timescale'] as const)('on PostgreSQL (%s) is answered by this version', async (flavour) => {
    await using server: TestServer = flavour === 'plain' ? await startPostgres() : await startTimescaleInWasm();
    await using folder = await temporaryFolder();
    const address = await server.newDatabase();
    const kept = read(version, 'postgres.rows.json') as RowsOfAll;
    await makeSchema(address, flavour, kept);
    await fill(address, flavour, kept);
    const settings = { DATABASE_URL: address };
    const [paths, before] = await compareAnswers(
      folder.path,
      settings,
      read(version, 'postgres.answers.json') as Recorded,
    );
    assert.deepEqual(paths, before);
  });
});

test('there is a recording of each release before this one', () => {
  const { version: own } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  const released = [...readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## (\S+)/gm)].map(([, version = '']) => version);
  assert.ok(released.includes(own), `${own} is in CHANGELOG.md`);
  assert.deepEqual(versions, released.filter((version) => version !== own).toSorted());
});

/** Fails where an answer lacks what was there; returns which paths were answered now, and then. */
async function compareAnswers(
  folder: string,
  settings: Readonly<Record<string, string>>,
  { window, answers }: Recorded,
): Promise<readonly (readonly string[])[]> {
  await using server = await startServer(folder, { ...keepAll, ...settings });
  const now = await askForAll(await logIn(server.url), window);
  for (const [path, before] of Object.entries(answers)) assertContains(now[path], before, path);
  return [Object.keys(now), Object.keys(answers)];
}

/** All that was there is there, in the same order; an object may have got more fields. */
function assertContains(now: unknown, before: unknown, where: string): void {
  if (Array.isArray(before) && Array.isArray(now)) {
    assert.equal(now.length, before.length, where);
    before.forEach((each, index) => assertContains(now[index], each, `${where}[${index}]`));
  } else if (typeof before === 'object' && before !== null && typeof now === 'object' && now !== null) {
    for (const [key, value] of Object.entries(before)) assertContains(Reflect.get(now, key), value, `${where}.${key}`);
  } else if (typeof before === 'number' && typeof now === 'number') {
    // Sums of jitter differ in their last digits with the order in which minutes and hours are joined.
    assert.ok(Math.abs(now - before) <= 1e-9 * Math.abs(before), `${where}: ${now}, not ${before}`);
  } else assert.deepEqual(now, before, where);
}

/** As that release had made it: what a migration says never changes. */
async function makeSchema(address: string, flavour: string, { rows }: RowsOfAll): Promise<void> {
  const applied = (rows['schema_migrations'] ?? []) as readonly { readonly version: number }[];
  const newest = Math.max(...applied.map((each) => each.version));
  if (flavour === 'timescale') await runOn(address, 'create extension if not exists timescaledb');
  await runOn(
    address,
    `create schema pmd; create table pmd.schema_migrations (
      version integer primary key, name text not null, applied_at timestamptz not null default now()
    ); insert into pmd.schema_migrations (version, name) values (0, '${flavour}')`,
  );
  const isOurs = (name: string): boolean => /^\d{4}_\w+\.sql$/.test(name) || name.endsWith(`.${flavour}.sql`);
  for (const name of readdirSync(migrations).filter(isOurs).toSorted()) {
    const number = Number(name.slice(0, 4));
    if (number > newest) break;
    await runOn(address, readFileSync(join(migrations, name), 'utf8'));
    await runOn(address, `insert into pmd.schema_migrations (version, name) values (${number}, '${name}')`);
  }
}

async function fill(address: string, flavour: string, { partitions, rows }: RowsOfAll): Promise<void> {
  if (flavour === 'plain') {
    for (const { name, parent, bound } of partitions)
      await runOn(address, `create table if not exists pmd.${name} partition of pmd.${parent} ${bound}`);
  }
  const found = await rowsOn(
    address,
    `select relname as name from pg_class where relnamespace = 'pmd'::regnamespace and relkind in ('r', 'p')`,
  );
  const isThere = new Set(found.map(({ name }) => String(name)));
  // Those that others refer to come first.
  const first = ['targets', 'users'];
  const names = Object.keys(rows).toSorted((a, b) => Number(first.includes(b)) - Number(first.includes(a)));
  for (const name of names.filter((each) => isThere.has(each) && each !== 'schema_migrations')) {
    const all = rows[name] ?? [];
    await runOn(address, `delete from pmd.${name}`);
    for (let start = 0; start < all.length; start += 2000) {
      const some = JSON.stringify(all.slice(start, start + 2000)).replaceAll("'", "''");
      await runOn(
        address,
        `insert into pmd.${name} overriding system value select * from json_populate_recordset(null::pmd.${name}, '${some}')`,
      );
    }
  }
  if (flavour === 'plain') return;
  // Each is made of the one before.
  for (const name of ['minute', 'hour', 'day'])
    await runOn(address, `call refresh_continuous_aggregate('pmd.${name}_rollups', null, null)`);
}
