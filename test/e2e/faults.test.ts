import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { startPostgres } from '../database-servers.ts';
import { pmd } from './pmd.ts';
import { type Caller, callerWith, logIn, startServer, temporaryFolder, until } from './server.ts';

async function failedStart(folder: string, environment: Readonly<Record<string, string>>): Promise<string> {
  try {
    await using _server = await startServer(folder, environment);
  } catch (error) {
    return String(error);
  }
  throw new Error('the server started');
}

async function addTargets(call: Caller, count: number, seconds = 0.1): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => `127.2.${index >> 7}.${(index & 127) + 1},${seconds}`);
  const form = new FormData();
  form.set('file', new Blob([`ip,frequency\n${rows.join('\n')}\n`]), 'targets.csv');
  expect((await call('POST', '/targets/import', form)).json.created).toBe(count);
}

async function sentCount(call: Caller): Promise<number> {
  const { text } = await call('GET', '/metrics');
  return Number(/^pingmedaddy_probes_sent_total (\d+)/m.exec(text)?.[1]);
}

/** All results that the server has stored, by way of the export. */
async function storedTimes(call: Caller): Promise<string[]> {
  const times: string[] = [];
  for (const { id } of (await call('GET', '/targets')).json as { id: number }[]) {
    const { text } = await call('GET', `/targets/${id}/logs/export`);
    const rows = text.trim().split('\n').slice(1);
    times.push(...rows.map((row) => `${id} ${row.slice(0, 24)}`));
  }
  return times;
}

test('a port in use stops the start with a sentence that says what to do', async () => {
  await using folder = await temporaryFolder();
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => holder.once('listening', listening));
  const { port } = holder.address() as { port: number };
  const message = await failedStart(folder.path, { APP_PORT: String(port) });
  holder.close();
  expect(message).toContain(`pmd: Port ${port} on 127.0.0.1 is in use by another program; stop it or set APP_PORT`);
});

test('a folder that cannot hold the database, and a file that is not one, stop the start with one sentence', async () => {
  await using folder = await temporaryFolder();
  expect(await failedStart(folder.path, { DATABASE_URL: 'sqlite:./missing/x.db' })).toMatch(/pmd: .*missing.*\./);
  expect(await failedStart(folder.path, { DATABASE_URL: 'sqlite:/proc/x.db' })).toMatch(/pmd: .*\/proc.*\./);
  await writeFile(join(folder.path, 'text.db'), 'this is no database, '.repeat(500));
  expect(await failedStart(folder.path, { DATABASE_URL: 'sqlite:./text.db' })).toMatch(/pmd: .*text\.db.*\./);
  expect(await failedStart(folder.path, { DATABASE_URL: 'postgres://u:secret@db.example/x' })).not.toContain('secret');
});

test('the default password is refused where others could reach it, and is replaced by one from the settings', async () => {
  await using folder = await temporaryFolder();
  expect(await failedStart(folder.path, { APP_HOST: '0.0.0.0' })).toContain('ADMIN_PASSWORD is still changeme');
  await (await startServer(folder.path)).stop();
  await using server = await startServer(folder.path, { ADMIN_PASSWORD: 'a better one' });
  const call = await logIn(server.url, 'a better one');
  expect((await call('GET', '/targets')).status).toBe(200);
});

test('nor does it admit an earlier first user after ADMIN_USERNAME names another', async () => {
  await using folder = await temporaryFolder();
  await (await startServer(folder.path)).stop();
  const other = { ADMIN_USERNAME: 'root', ADMIN_PASSWORD: 'a better one' };
  const told = await failedStart(folder.path, { ...other, APP_HOST: '0.0.0.0' });
  expect(told).toContain('The password of admin is still changeme; before listening on 0.0.0.0, start once with');
  await using server = await startServer(folder.path, other);
  expect(server.log.join('\n')).toContain('still has the default password');
  const root = await logIn(server.url, 'a better one', 'root');
  expect((await root('DELETE', '/users/admin')).status).toBe(200);
});

test('a changed password stays, whatever ADMIN_PASSWORD says, and ends earlier tokens', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const call = await logIn(server.url);
  const wrong = await call('POST', '/auth/password', { current_password: 'x', new_password: 'long enough' });
  expect(wrong.json.errors).toEqual([{ field: 'current_password', message: 'is wrong.' }]);
  const changed = await call('POST', '/auth/password', { current_password: 'changeme', new_password: 'long enough' });
  expect(changed.json).toEqual({ message: 'Password changed' });
  expect((await call('GET', '/targets')).status).toBe(401);
  await server.stop();
  await using again = await startServer(folder.path, { ADMIN_PASSWORD: 'from the settings' });
  expect((await (await logIn(again.url, 'long enough'))('GET', '/targets')).status).toBe(200);
});

test('the secret is generated once, stored with mode 0600, and tokens survive a restart', async () => {
  await using folder = await temporaryFolder();
  const first = await startServer(folder.path);
  const response = await fetch(`${first.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"username":"admin","password":"changeme"}',
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  await first.stop();
  expect((await stat(join(folder.path, 'pingmedaddy.db.secret'))).mode & 0o777).toBe(0o600);
  await using second = await startServer(folder.path);
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${second.url}/targets`, { headers })).status).toBe(200);
});

test('a second server on the same database is refused, and the first continues', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  expect(await failedStart(folder.path, {})).toMatch(/pmd: Another process is writing to/);
  expect((await (await logIn(server.url))('GET', '/targets')).status).toBe(200);
});

test('SIGTERM under load stores every result, ends within 5 s with 0, and leaves no process behind', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const call = await logIn(server.url);
  await addTargets(call, 300);
  const reader = await fetch(`${server.url}/stream`, { headers: { authorization: (await tokenOf(call)) ?? '' } });
  await until('5,000 probes sent', async () => (await sentCount(call)) > 5000);
  const before = await sentCount(call);
  const { code, millis } = await server.stop();
  await reader.body?.cancel().catch(() => undefined);
  expect(code).toBe(0);
  expect(millis).toBeLessThan(5000);
  const orphans = execFileSync('ps', ['-o', 'ppid=', '-A']).toString().split('\n');
  expect(orphans.map(Number)).not.toContain(server.process.pid);

  await using again = await startServer(folder.path, { PROBE_DENY: '127.0.0.0/8' });
  const times = await storedTimes(await logIn(again.url));
  expect(times.length).toBeGreaterThanOrEqual(before);
  expect(new Set(times).size).toBe(times.length);
});

test('kill -9 under load loses at most the commits of the last second, and duplicates nothing', async () => {
  await using folder = await temporaryFolder();
  await mkdir(folder.path, { recursive: true });
  const server = await startServer(folder.path);
  const call = await logIn(server.url);
  await addTargets(call, 300);
  await until('5,000 probes sent', async () => (await sentCount(call)) > 5000);
  const before = await sentCount(call);
  server.process.kill('SIGKILL');
  await new Promise((ended) => server.process.once('exit', ended));
  await using again = await startServer(folder.path, { PROBE_DENY: '127.0.0.0/8' });
  const times = await storedTimes(await logIn(again.url));
  expect(new Set(times).size).toBe(times.length);
  // 3,000 probes a second; a commit each second, and what is collected, in flight and on its way to the disk.
  expect(times.length).toBeGreaterThan(before - 3000 * 2);
});

test('kill -9 with a spool on disk that has a flipped bit: intact records are stored once, the rest is reported', async () => {
  await using folder = await temporaryFolder();
  const server = await startServer(folder.path);
  const call = await logIn(server.url);
  await addTargets(call, 20);
  // Another process holds the database: ours can neither write nor wait for it for ever.
  const holder = new DatabaseSync(join(folder.path, 'pingmedaddy.db'));
  await until('a moment in which the database can be taken', async () => {
    try {
      holder.exec('begin immediate');
      return true;
    } catch {
      return false;
    }
  });
  type Recorder = { status: string; message: string; spooled_results: number; pending_results: number };
  const recorder = async (): Promise<Recorder> => (await call('GET', '/readyz')).json.checks.recorder;
  const spooled = await until(
    'results in the spool',
    async () => {
      const now = await recorder();
      return now.spooled_results > 1000 && now;
    },
    40_000,
  );
  expect(spooled.status).toBe('failing');
  expect(spooled.message).toMatch(/^\d+ results wait, \d+ of them in the spool on disk: /);
  expect(await sentCount(call)).toBeGreaterThan(spooled.spooled_results);
  server.process.kill('SIGKILL');
  await new Promise((ended) => server.process.once('exit', ended));
  holder.close();
  const spoolFile = join(folder.path, 'pingmedaddy.db.spool', '0000000001.spool');
  const bytes = await readFile(spoolFile);
  // In the body of the second record, where the results are.
  const damagedAt = bytes.indexOf('PMDRECT', bytes.indexOf('PMDRECT') + 1) - 20;
  bytes[damagedAt] = (bytes[damagedAt] ?? 0) ^ 4;
  await writeFile(spoolFile, bytes);
  await using again = await startServer(folder.path, { PROBE_DENY: '127.0.0.0/8' });
  expect(again.log.join('\n')).toMatch(/\d+ results wait in the spool since the last run/);
  const other = await logIn(again.url);
  await until('an empty spool', async () => {
    const { json } = await other('GET', '/readyz');
    return json.checks.recorder.spooled_results === 0;
  });
  const times = await storedTimes(other);
  expect(new Set(times).size).toBe(times.length);
  const { dropped_results: dropped, message } = (await other('GET', '/readyz')).json.checks.recorder;
  expect(dropped).toBeGreaterThan(0);
  expect(times.length + dropped).toBeGreaterThanOrEqual(spooled.spooled_results);
  const said = `Every other result is stored. ${dropped} results in the spool were damaged by the disk; the log names the file.`;
  expect(message).toBe(said);
  expect((await pmd(again, 'status')).stdout).toContain(`${dropped} results in the spool were damaged by the disk`);
  const anonymous = (await callerWith(again.url, undefined)('GET', '/readyz')).json.checks.recorder;
  expect(anonymous).toMatchObject({ message: `${dropped} results were lost; GET /readyz with a token says why.` });
  expect((await other('GET', '/fleet')).json.notices).toEqual([said]);
  expect(again.log.join('\n')).toMatch(/0000000001\.spool was damaged or cut short, \d+ bytes of it cannot be read/);
  await until('the damaged file is kept', () => stat(`${spoolFile}.unreadable`).catch(() => undefined));
}, 90_000);

test('while PostgreSQL is down results wait, token holders are told, and all are stored once it is back', async () => {
  await using folder = await temporaryFolder();
  await using postgres = await startPostgres();
  const databaseUrl = await postgres.newDatabase();
  const server = await startServer(folder.path, { DATABASE_URL: databaseUrl });
  const call = await logIn(server.url);
  // Slots of a second: on a machine that is busy with other tests one of a tenth is left out now and then.
  await addTargets(call, 200, 1);
  await until('500 probes sent', async () => (await sentCount(call)) > 500);
  expect(await pmd(server, 'status')).toMatchObject({ code: 0, stderr: '' });
  expect(await call('GET', '/fleet')).toMatchObject({ status: 200, json: { notices: [] } });
  await postgres.stop();
  const waiting = async (): Promise<number> => {
    const { status, text } = await call('GET', '/metrics');
    expect(status).toBe(200);
    const numbers = /^pingmedaddy_results_(?:pending|spooled) (\d+)/gm;
    return [...text.matchAll(numbers)].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  await until('1,000 results that wait', async () => (await waiting()) > 1000);
  // The states go on, the figures are those of the last hour as it was stored, and that some wait is said.
  expect(await call('GET', '/fleet')).toMatchObject({
    status: 200,
    json: {
      counts: { up: 200 },
      notices: [expect.stringMatching(/^\d+ results wait.*PostgreSQL/)],
      targets: expect.arrayContaining([expect.objectContaining({ state: 'up', sample_count: expect.any(Number) })]),
    },
  });
  expect((await call('GET', '/targets/1/logs')).status).toBe(503);
  expect((await call('GET', '/fleet', undefined, { authorization: 'Bearer x' })).status).toBe(401);
  const unknown = await callerWith(server.url, undefined)('GET', '/readyz');
  expect([unknown.status, unknown.json.checks.database.status]).toEqual([503, 'failing']);
  expect(unknown.text).not.toMatch(/PostgreSQL|127\.0\.0\.1|ECONN|test_\d/);
  // Who has an account does not show, nor can that be noted but in the log, which nobody forges thereby.
  const forged = '{"level":60,"msg":"forged"}';
  const guess = { username: `x\n${forged}\r\u001b[2J\u009b2J\u202e`, password: 'what nobody may read' };
  for (const body of [guess, { ...guess, username: 'admin' }])
    expect((await callerWith(server.url, undefined)('POST', '/auth/login', body)).status).toBe(401);
  await until('it is in the log', async () => server.log.some((line) => line.includes('an audit entry could not')));
  expect(server.log).not.toContain(forged);
  expect(server.log.join('')).not.toMatch(/\p{Cc}|\p{Bidi_Control}|what nobody may read/u);
  const noted = server.log.find((line) => line.includes('an audit entry could not')) ?? '';
  expect((JSON.parse(noted) as { audit: { username: string } }).audit.username).toBe(guess.username);
  const told = await pmd(server, 'status', '--json');
  expect(told).toMatchObject({ code: 1, stderr: expect.stringMatching(/does not do all of its work/) });
  const { checks } = JSON.parse(told.stdout) as { checks: Record<string, { status: string; message: string }> };
  expect(checks['database']).toMatchObject({ status: 'failing', message: expect.stringMatching(/PostgreSQL/) });
  expect(checks['recorder']).toMatchObject({ status: 'failing', message: expect.stringMatching(/^\d+ results wait/) });
  // What is not erased goes on being probed, and its results are kept: the last test of all, below, misses none.
  expect((await call('DELETE', '/targets/1?purge=true')).status).toBe(503);
  await postgres.start();
  await until('nothing that waits', async () => (await waiting()) < 500);
  await server.stop();
  await using again = await startServer(folder.path, { DATABASE_URL: databaseUrl, PROBE_DENY: '127.0.0.0/8' });
  const times = await storedTimes(await logIn(again.url));
  expect(new Set(times).size).toBe(times.length);
  for (const own of Map.groupBy(times, (time) => time.split(' ')[0]).values()) {
    const slots = own.map((time) => Date.parse(time.split(' ')[1] ?? ''));
    const steps = slots.slice(1).map((at, index) => at - (slots[index] ?? 0));
    expect(steps.filter((step) => step !== 1000)).toEqual([]);
  }
  expect(lastOf('1')).toBeGreaterThan(lastOf('2') - 2000);

  function lastOf(id: string): number {
    const own = times.filter((time) => time.startsWith(`${id} `));
    return Math.max(...own.map((time) => Date.parse(time.split(' ')[1] ?? '')));
  }
}, 90_000);

async function tokenOf(call: Caller): Promise<string | undefined> {
  const { json } = await call('POST', '/auth/login', { username: 'admin', password: 'changeme' });
  return `Bearer ${json.access_token as string}`;
}

test('stream readers who leave before they are answered leave nothing behind', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const authorization = await tokenOf(await logIn(server.url));
  const { hostname: host, port } = new URL(server.url);
  for (let reader = 0; reader < 100; reader++) {
    const socket = connect({ host, port: Number(port) });
    await once(socket, 'connect');
    const head = `GET /stream HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\n\r\n`;
    await new Promise((written) => socket.write(head, written));
    socket.resetAndDestroy();
  }
  // Whatever still waits to write to one of them keeps the process from ending.
  expect((await server.stop()).code).toBe(0);
});
