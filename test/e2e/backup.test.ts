import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { addTargets, countResults, loopbackAddresses, metricIn } from '../../bench/probed-fleet.ts';
import { entry, logIn, startServer, temporaryFolder, until } from './server.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function pmd(args: readonly string[], cwd: string, url = 'http://127.0.0.1:1'): Promise<Ended> {
  const login = { PMD_USERNAME: 'admin', PMD_PASSWORD: 'changeme' };
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, XDG_CONFIG_HOME: cwd, PMD_URL: url, ...login };
  return new Promise((resolve) => {
    execFile(process.execPath, [entry, ...args], { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('a backup is made while the server stores the results of 501 targets, and restored where none runs, each result once', async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const file = join(path, 'backup.db');
  await using server = await startServer(path);
  const call = await logIn(server.url);
  const added = await call('POST', '/targets', { ip: '127.0.0.1', frequency: 0.1 });
  expect(added.status).toBe(200);
  await addTargets(call, loopbackAddresses(500));
  const storedCount = async (): Promise<number> =>
    metricIn((await call('GET', '/metrics')).text, 'pingmedaddy_results_stored_total');
  const countLogs = async (): Promise<number> => ((await call('GET', '/targets/1/logs?limit=1000')).json as []).length;
  const acknowledged = await until('results', async () => {
    const stored = await storedCount();
    return stored > 1000 && (await countLogs()) > 5 && stored;
  });

  const made = await pmd(['backup', file, '--json'], path, server.url);
  expect(made.stderr).toBe('');
  const contents = JSON.parse(made.stdout) as { targets: number; results: number; bytes: number };
  expect(contents).toMatchObject({ file, targets: 501, schema_version: expect.any(Number) });
  expect(contents.results).toBeGreaterThanOrEqual(acknowledged);
  // It went on writing, and left nothing beside the database.
  const before = await storedCount();
  await until('more results', async () => (await storedCount()) > before);
  expect((await readdir(path)).filter((name) => name.includes('.backup-') || name.includes('.partial'))).toEqual([]);
  const copy = new DatabaseSync(file, { readOnly: true });
  expect({ ...copy.prepare('pragma integrity_check').get() }).toEqual({ integrity_check: 'ok' });
  copy.close();

  const bytes = await readFile(file);
  const again = await pmd(['backup', file], path, server.url);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('exists already; --force overwrites it.') });
  expect(await readFile(file)).toEqual(bytes);
  expect((await pmd(['backup', file, '--force'], path, server.url)).stderr).toMatch(
    /and checked: 501 targets, \d+ raw results/,
  );

  const refused = await pmd(['restore', file], path);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/Another process is writing to/) });

  await call('DELETE', '/targets/1');
  await server.stop();
  const restored = await pmd(['restore', file, '--json'], path);
  expect(restored.stderr).toBe('');
  const outcome = JSON.parse(restored.stdout) as { kept_as: string; results: number };
  expect(outcome).toMatchObject({ targets: 501, kept_as: expect.stringMatching(/\.before-restore$/) });
  const kept = new DatabaseSync(join(path, outcome.kept_as), { readOnly: true });
  expect(kept.prepare('select count(*) as n from targets where deleted_at_millis is null').get()?.['n']).toBe(500);
  kept.close();
  const second = await pmd(['restore', file], path);
  expect(second.stdout).toMatch(/What was there before is kept as .*\.before-restore-2\./);

  // Nothing is probed, so nothing is added.
  await using restarted = await startServer(path, { PROBE_DENY: '127.0.0.0/8' });
  const admin = await logIn(restarted.url);
  expect((await admin('GET', '/targets')).json).toHaveLength(501);
  expect(await countResults(admin)).toMatchObject({ stored: outcome.results, lost: 0, duplicated: 0 });
});

test('a file that is not a backup is refused in words, and the database stays as it is', async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await (await startServer(path)).stop();
  const database = join(path, 'pingmedaddy.db');
  const before = await readFile(database);
  const text = join(path, 'text');
  await writeFile(text, 'no database at all '.repeat(1000));
  const foreign = join(path, 'foreign.db');
  const other = new DatabaseSync(foreign);
  other.exec('create table things (name text)');
  other.close();
  const cut = join(path, 'cut.db');
  await writeFile(cut, before.subarray(0, before.length / 2));
  const newer = join(path, 'newer.db');
  await writeFile(newer, before);
  const later = new DatabaseSync(newer);
  later.exec(`insert into schema_migrations values (9000, 'later', 0)`);
  later.close();
  for (const [file, why] of [
    [text, /is not an SQLite database/],
    [foreign, /none of PingMeDaddy/],
    [cut, /damaged|malformed/],
    [newer, /schema 9000, this program knows up to \d+: update it first/],
    [join(path, 'nowhere.db'), /cannot be read/],
  ] as const) {
    const { code, stderr } = await pmd(['restore', file], path);
    expect(code).toBe(1);
    expect(stderr).toMatch(why);
  }
  expect(await readFile(database)).toEqual(before);
});

test('damage that a reader meets is reported with its place, over HTTP and by the commands, and is in no backup', async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const environment = { PROBE_DENY: '198.18.0.0/15' };
  {
    await using server = await startServer(path, environment);
    const call = await logIn(server.url);
    const user = { username: 'alice', password: 'correct horse battery', role: 'viewer' };
    expect((await call('POST', '/users', user)).status).toBeLessThan(300);
    const seeded = await pmd(['seed', '--targets', '1', '--years', '0.001', '--quiet'], path, server.url);
    expect(seeded).toMatchObject({ code: 0 });
  }
  const file = join(path, 'pingmedaddy.db');
  expect(await pmd(['check'], path)).toMatchObject({
    ...{ code: 0, stderr: '', stdout: expect.stringMatching(/pingmedaddy\.db is sound: \d+ rows, 1 targets, /) },
  });
  const database = new DatabaseSync(file);
  const oldest = database.prepare(`select hour_at_millis + iif(joined_hours = 0, 1, 6) * 3600000 as "end"
    from raw_blocks order by id limit 1`);
  const damagedUntil = new Date(Number(oldest.get()?.['end'])).toISOString();
  database.exec(`update raw_blocks set payload = cast(payload || x'00' as blob) where id = (select min(id) from raw_blocks);
    update users set password_hash = replace(password_hash, '$m', '%m') where username = 'alice'`);
  database.close();

  await using server = await startServer(path, environment);
  const lost =
    'The database is damaged: the password of alice cannot be read. It is not of version 19 of Argon2. ' +
    'alice cannot log in until an admin sets';
  expect(server.log.join('\n')).toContain(lost);
  expect((await fetch(`${server.url}/auth/login`, login('alice'))).status).toBe(401);
  const call = await logIn(server.url);
  const place =
    /raw results of target 1 from \d{4}-.*Z \(table raw_blocks, row \d+\): (?:The checksum of the block is wrong|1 bytes are left over)/;
  const read = await call('GET', `/targets/1/logs?before=${damagedUntil}`);
  expect([read.status, read.json.detail]).toEqual([503, expect.stringMatching(place)]);
  const readyz = await call('GET', '/readyz');
  expect(readyz).toMatchObject({ status: 503, json: { checks: { database: { status: 'failing' } } } });
  const { message, damaged_rows: damagedRows } = readyz.json.checks.database;
  expect(damagedRows).toBeGreaterThan(0);
  expect(message).toMatch(
    /The database is damaged: .* pmd check lists all damage, pmd restore puts a backup in its place/,
  );
  expect((await pmd(['status'], path, server.url)).stdout).toContain('The database is damaged: ');

  const checked = await pmd(['check'], path);
  expect(checked.code).toBe(1);
  expect(checked.stdout).toMatch(place);
  expect(checked.stdout).toMatch(/a user \(table users, row \d+\): The password of alice cannot be read\./);
  expect(checked.stderr).toMatch(
    /pingmedaddy\.db is damaged in 2 places\. pmd restore FILE puts a backup in its place/,
  );
  const { damages } = JSON.parse((await pmd(['check', file, '--json'], path)).stdout) as { damages: unknown[] };
  expect(damages).toContainEqual({
    ...{ table: 'raw_blocks', row: expect.any(Number), target_id: 1, time: expect.any(String) },
    message: expect.stringMatching(place),
  });
  const made = await pmd(['backup', join(path, 'backup.db')], path, server.url);
  expect(made).toMatchObject({ code: 1, stderr: expect.stringMatching(place) });
  await server.stop();
  const restored = await pmd(['restore', file], path);
  expect(restored).toMatchObject({ code: 1, stderr: expect.stringMatching(place) });

  // A new password is all that alice needs; the log says nothing of her any more.
  const whole = new DatabaseSync(file);
  whole.exec('delete from raw_blocks');
  whole.close();
  await using again = await startServer(path, environment);
  const admin = await logIn(again.url);
  expect((await admin('PATCH', '/users/alice', { password: 'another horse battery' })).status).toBeLessThan(300);
  expect((await fetch(`${again.url}/auth/login`, login('alice', 'another horse battery'))).status).toBe(200);
  expect((await admin('GET', '/readyz')).json.checks.database).toMatchObject({ status: 'ok', damaged_rows: 0 });
}, 60_000);

function login(username: string, password = 'correct horse battery'): RequestInit {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify({ username, password }) };
}
