import assert from 'node:assert/strict';
import { test } from 'vitest';
import { failingScript, installTimescale, runOn, startPostgres } from '../database-servers.ts';
import { pmd } from './pmd.ts';
import { callerWith, logIn, startServer, temporaryFolder, until } from './server.ts';

test('a NUL, which PostgreSQL cannot store, is an input error everywhere, never a failure of the server', async () => {
  await using database = await startPostgres();
  await using folder = await temporaryFolder();
  // A name says nothing about the engine.
  await runOn(database.address('postgres'), 'create database "timescale-1"');
  await using server = await startServer(folder.path, { DATABASE_URL: database.address('timescale-1') });
  const anonymous = callerWith(server.url, undefined);
  const call = await logIn(server.url);
  const form = new FormData();
  form.set('file', new Blob(['ip,notes\n127.5.0.1,a\0b\n127.5.0.2,fine\n']), 'targets.csv');
  const asked = {
    login: await anonymous('POST', '/auth/login', { username: 'a\0b', password: 'x' }),
    notes: await call('POST', '/targets', { ip: '127.5.0.3', notes: 'a\0b' }),
    token: await call('POST', '/tokens', { name: 'a\0b' }),
    many: await call('POST', '/targets/many', { ips: ['127.5.0.4'], notes: 'a\0b' }),
    path: await call('DELETE', '/users/a%00b'),
    query: await call('GET', '/audit?username=a%00b'),
  };
  for (const [what, { status, text }] of Object.entries(asked))
    assert.ok(status < 500 && status !== 200, `${what}: ${text}`);
  const far = [
    '/audit?before=9007199254740991',
    '/targets/ID/events?before=9007199254740991',
    '/targets/ID/traces?before=9007199254740991',
    '/targets/ID/logs?before=0000-01-01T00:00:00Z',
    '/targets/ID/logs?before=9999-12-31T23:59:59Z',
    '/targets/ID/logs/export?from=0000-01-01T00:00:00Z&to=9999-12-31T23:59:59Z',
    '/targets/ID/insights?start=0000-01-01T00:00:00Z&end=0000-01-01T01:00:00Z',
    '/targets/ID/insights?start=9999-12-31T00:00:00Z&end=9999-12-31T01:00:00Z',
    '/targets/ID/outages?start=0000-01-01T00:00:00Z&end=0000-01-01T01:00:00Z',
  ];
  const { json: target } = await call('POST', '/targets', { ip: '127.5.0.9', frequency: 3600 });
  for (const path of far) {
    const { status, text } = await call('GET', path.replace('ID', target.id));
    assert.ok(status < 500, `${path}: ${text}`);
  }
  const imported = await call('POST', '/targets/import', form);
  assert.equal(imported.json?.created, 1, imported.text);
  // A backslash before it makes another text of it.
  const { status } = await call('POST', '/targets', { ip: '127.5.0.5', notes: String.raw`C:\u0000` });
  assert.equal(status, 200);
  const { json: installation } = await call('GET', '/system');
  assert.equal(installation.engine, 'postgresql');
  assert.ok(installation.forecast.raw_bytes / (3 * installation.forecast.results_per_day) > 50);
  const check = await until('a roll-up', async () => {
    const { database } = (await call('GET', '/readyz')).json.checks;
    return database.rolled_up_until !== null && database;
  });
  const { rolled_up_until: rolledUpUntil, rollups_behind_seconds: behind, message } = check;
  assert.ok(behind >= 0 && behind < 600 && Date.parse(rolledUpUntil) % 60_000 === 0, message);
  assert.match(message, /Rollups are complete until \S+Z, \d+ s ago\.$/);
  const { json } = await call('GET', '/audit');
  assert.ok(json.length > 0);
  const errors = server.log.filter((line) => line.includes('"level":50'));
  assert.deepEqual(errors, []);
});

test('a server whose TimescaleDB is not preloaded starts on plain tables, as its log, /readyz and pmd status say', async () => {
  await using database = await startPostgres();
  await using folder = await temporaryFolder();
  const url = await database.newDatabase();
  await installTimescale(url, { script: failingScript('extension "timescaledb" must be preloaded', 'XX000') });
  await using server = await startServer(folder.path, { DATABASE_URL: url, DATABASE_FLAVOUR: 'auto' });
  const [warning = ''] = server.log.filter((line) => line.includes('"level":40') && line.includes('TimescaleDB'));
  assert.match(warning, /cannot be used \(.*must be preloaded.*\): this database gets plain tables and stays on them/);
  assert.match(warning, /add timescaledb to shared_preload_libraries in postgresql\.conf and restart PostgreSQL/);
  const call = await logIn(server.url);
  const { status, checks } = (await call('GET', '/readyz')).json;
  const expected = /^PostgreSQL [\d.]+ with plain tables \(its TimescaleDB is not used\), test_1 at/;
  assert.equal(status, 'ok');
  assert.match(checks.database.message, expected);
  assert.match((await pmd(server, 'status')).stdout, /with plain tables \(its TimescaleDB is not used\)/);
  assert.equal((await call('POST', '/targets', { ip: '127.5.1.1' })).status, 200);
});

test('a target that the database fails to erase stays monitored, and every later result of it is stored', async () => {
  await using database = await startPostgres();
  await using folder = await temporaryFolder();
  const url = await database.newDatabase();
  await using server = await startServer(folder.path, { DATABASE_URL: url });
  const call = await logIn(server.url);
  const { id } = (await call('POST', '/targets', { ip: '127.0.5.1', frequency: 0.2 })).json;
  const stored = async (): Promise<number> => (await call('GET', `/targets/${id}/logs?limit=1000`)).json.length;
  await until('results', async () => (await stored()) > 2);
  await runOn(
    url,
    `create function pmd.refuse() returns trigger language plpgsql as $$ begin raise 'no erasing'; end $$;
     create trigger refuse before delete on pmd.targets for each row execute function pmd.refuse()`,
  );
  assert.ok((await call('DELETE', `/targets/${id}?purge=true`)).status >= 500);
  const before = await stored();
  await until('later results', async () => (await stored()) > before + 10);
  assert.equal((await call('GET', `/targets/${id}`)).json.state, 'up');
  await runOn(url, 'drop trigger refuse on pmd.targets');
  assert.equal((await call('DELETE', `/targets/${id}?purge=true`)).status, 200);
  assert.equal((await call('GET', `/targets/${id}/logs`)).status, 404);
});
