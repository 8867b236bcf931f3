import { mainVantage } from '../../src/core/ids.ts';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { test } from 'vitest';
import { batchFromRows } from '../../src/core/result/probe-result.ts';
import { openDatabase } from '../../src/storage/sqlite/file/database.ts';
import { migrate, readMigrations } from '../../src/storage/sqlite/file/migrations.ts';
import { openStorage, type Storage } from '../../src/storage/storage.ts';
import { temporaryFolder } from '../e2e/server.ts';
import { expectedTimes, rowsOfCommit, rowsPerCommit, target, targetId } from '../e2e/sqlite-commits.ts';
import { isSkipped, programPath } from '../netns/requirements.ts';
import { isLong, often } from './long.ts';

/*
 * Every step of a migration is a system call that changes a file. A child opens a database of an earlier schema as a start
 * of the server does and is killed on entering the n-th of them; then it is opened again.
 */
const calls = 'pwrite64,fdatasync,fsync,ftruncate,unlink';
const start = Date.UTC(2026, 4, 5, 12);
const commits = 120;
const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
const migrations = readMigrations();
const front = pathToFileURL(resolve('src/storage/sqlite/file/database.ts')).href;
const script = `import { openDatabase } from '${front}'; openDatabase(process.argv[1]).close();`;

test.skipIf(isSkipped('migrations that are killed', 'strace'))(
  'a migration from every earlier schema, killed at any of its steps, ends like an undisturbed one, and the data is complete',
  async () => {
    await using folder = await temporaryFolder();
    const path = (name: string): string => join(folder.path, name);
    await fill(path('full.db'));
    const between = new Set<number>();
    let kills = 0;
    for (let known = 1; known < migrations.length; known++) {
      makeEarlier(path('full.db'), path(`${known}.db`), known);
      copyFileSync(path(`${known}.db`), path('whole.db'));
      const { signal: none, steps } = await openIn(path('whole.db'), path('trace'));
      assert.equal(none, null);
      assert.ok(steps.length > 10, `${steps.length} steps`);
      const undisturbed = contentsOf(path('whole.db'));
      await assertWhole(path('whole.db'));
      for (const step of isLong ? steps : some(steps, known)) {
        const where = `from schema ${known}, killed at ${step.call} ${step.count}`;
        const killed = path(`${known}-${step.call}-${step.count}.db`);
        copyFileSync(path(`${known}.db`), killed);
        const { signal } = await openIn(killed, path('trace'), step);
        assert.equal(signal, 'SIGKILL', where);
        between.add(schemaOf(killed));
        openDatabase(killed).close();
        assert.deepEqual(contentsOf(killed), undisturbed, where);
        kills++;
      }
    }
    // Killed in the middle of them, not only before and after all.
    assert.ok(between.size > 3, [...between].join());
    assert.ok(kills >= 3 * (migrations.length - 1), `${kills} kills`);
  },
  often(180_000, 7_200_000),
);

/** One of the system calls: which, and the how-manyth of its kind. */
interface Step {
  readonly call: string;
  readonly count: number;
}

/** Opens the database as a start does; killed on entering a step, if one is given. Answers the steps that it took. */
async function openIn(
  path: string,
  trace: string,
  killedAt?: Step,
): Promise<{ readonly signal: NodeJS.Signals | null; readonly steps: readonly Step[] }> {
  const kill = killedAt === undefined ? [] : ['-e', `inject=${killedAt.call}:signal=SIGKILL:when=${killedAt.count}`];
  const options = ['-f', '-qq', '-o', trace, '-e', `trace=${calls}`, ...kill];
  const command = [process.execPath, '--input-type=module', '-e', script, path];
  const child = spawn(programPath('strace') ?? '', [...options, ...command], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  assert.ok(code === 0 || signal !== null, `it ended with ${code}`);
  const counts = new Map<string, number>();
  const steps = [...readFileSync(trace, 'utf8').matchAll(/^\d+ +(\w+)\(/gm)].map(([, call = '']) => {
    counts.set(call, (counts.get(call) ?? 0) + 1);
    return { call, count: counts.get(call) ?? 0 };
  });
  return { signal, steps };
}

/** A few of the steps, other ones from each schema. */
function some(steps: readonly Step[], known: number): readonly Step[] {
  const kills = 3;
  const from = (known * 0.37) % 1;
  const places = Array.from({ length: kills }, (_, index) => Math.floor(((index + from) / kills) * steps.length));
  return steps.filter((_, index) => places.includes(index));
}

/** Something of everything: targets, results sealed and not, rollups, events, traces, users, tokens, audit entries. */
async function fill(path: string): Promise<void> {
  await using storage = await open(path);
  await storage.addTargets([target], start, 'Tracking started');
  const commit = async (sequence: number): Promise<void> =>
    storage.append({
      source: 's',
      sequence,
      vantage: mainVantage,
      results: batchFromRows(rowsOfCommit(start, sequence)),
      events: [],
    });
  for (let sequence = 1; sequence < commits; sequence++) await commit(sequence);
  // Three hours and a part: the hours are sealed, and not joined yet, which earlier schemas do not know.
  while ((await storage.maintain(start + commits * rowsPerCommit * 1000, retention)).hasMore);
  await commit(commits);
  const id = targetId();
  const startedAt = start + 1000;
  const walked = { startedAt, finishedAt: startedAt + 21, isDestinationReached: true, hops: [] };
  await storage.addTrace({ targetId: id, vantage: mainVantage, path: walked }, []);
  const user = { username: 'admin', passwordHash: 'x', isSeeded: false, role: 'admin', tokensEndedAt: start } as const;
  await storage.saveUser({ ...user, createdAt: start });
  const token = { username: 'admin', name: 't', role: 'viewer', tokenHash: 'h', createdAt: start } as const;
  await storage.addApiToken({ ...token, expiresAt: undefined });
  const entry = {
    at: start,
    username: 'admin',
    address: '127.0.0.1',
    action: 'login',
    path: '/auth/login',
    status: 200,
  };
  await storage.addAuditEntries([{ ...entry, apiToken: undefined, detail: undefined }]);
}

function open(path: string): Promise<Storage> {
  return openStorage(`sqlite:${path}`, { retention, now: () => start, onNotice: () => {} });
}

/** The same data as a program of that time had it: what its tables and columns could hold. */
function makeEarlier(full: string, path: string, known: number): void {
  using connection = new DatabaseSync(path);
  connection.exec('pragma journal_mode = wal');
  migrate(connection, migrations.slice(0, known));
  connection.prepare('attach ? as full').run(full);
  const columnsOf = (schema: string, table: string): readonly string[] =>
    connection
      .prepare('select name from pragma_table_info(?, ?)')
      .all(table, schema)
      .map(({ name }) => String(name));
  for (const table of tablesOf(connection)) {
    if (table === 'schema_migrations') continue;
    const newer = columnsOf('full', table);
    const columns = columnsOf('main', table).filter((column) => newer.includes(column));
    connection.exec(`delete from main.${table};
      insert into main.${table} (${columns.join()}) select ${columns.join()} from full.${table}`);
  }
  connection.exec('detach full');
}

function tablesOf(connection: DatabaseSync): readonly string[] {
  const listed = connection.prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`);
  // What refers to others comes after them.
  const order = ['targets', 'users'];
  return listed
    .all()
    .map(({ name }) => String(name))
    .toSorted((a, b) => Number(order.includes(b)) - Number(order.includes(a)) || a.localeCompare(b));
}

/** Schema and rows of everything, but for when each migration was made. */
function contentsOf(path: string): unknown {
  using connection = new DatabaseSync(path, { readOnly: true });
  assert.equal(connection.prepare('pragma integrity_check').get()?.['integrity_check'], 'ok');
  assert.deepEqual(connection.prepare('pragma foreign_key_check').all(), []);
  const schema = connection.prepare('select type, name, tbl_name, sql from sqlite_schema order by type, name').all();
  const rows = tablesOf(connection).map((table) => {
    const all = connection.prepare(`select * from ${table}`).all();
    // When the migration ran.
    return [table, all.map((row) => ({ ...row, applied_at_millis: null, used_at_millis: null }))];
  });
  return { schema, rows };
}

function schemaOf(path: string): number {
  using connection = new DatabaseSync(path, { readOnly: true });
  return Number(connection.prepare('select max(version) as version from schema_migrations').get()?.['version']);
}

/** What was in the full database is there, read as the program reads it. */
async function assertWhole(path: string): Promise<void> {
  await using storage = await open(path);
  const [stored] = await storage.listTargets();
  assert.deepEqual([stored?.ip, stored?.intervalMillis, stored?.isActive], [target.ip, target.intervalMillis, true]);
  const times: number[] = [];
  for await (const batch of storage.streamResults({ targetId: targetId(), vantage: mainVantage }, 0, start * 2)) {
    times.push(...batch.sentAtMillis.subarray(0, batch.length));
  }
  assert.deepEqual(times, expectedTimes(start, commits));
  assert.equal((await storage.listEvents(targetId(), 9)).length, 1);
  assert.equal((await storage.findUser('admin'))?.role, 'admin');
}
