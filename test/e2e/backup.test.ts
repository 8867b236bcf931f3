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

test('what is no backup is refused in words, and the database stays as it is', async () => {
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
