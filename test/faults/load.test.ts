import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'vitest';
import { addTargets, loopbackAddresses, metricIn } from '../../bench/probed-fleet.ts';
import {
  type Caller,
  callerWith,
  logIn,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from '../e2e/server.ts';
import { often } from './long.ts';
import { assertWhole } from './whole.ts';

const password = 'correct horse battery';

/** Sends a request for the event stream and never reads a byte of the answer. */
async function stalledReader({ url }: RunningServer, token: string): Promise<Socket> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port) });
  socket.pause();
  await once(socket, 'connect');
  socket.write(`GET /stream HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n\r\n`);
  return socket;
}

async function openStreams(call: Caller): Promise<number> {
  return metricIn((await call('GET', '/metrics')).text, 'pingmedaddy_open_streams');
}

test(
  'event streams with stalled readers are dropped, and neither probing nor other readers notice',
  async () => {
    const streams = often(40, 200);
    await using folder = await temporaryFolder();
    {
      await using server = await startServer(folder.path);
      const admin = await logIn(server.url);
      await addTargets(admin, loopbackAddresses(2000));
      // A user has 50 at the most.
      const tokens: string[] = [];
      for (let user = 0; user < Math.ceil(streams / 50); user++) {
        const username = `wall-${user}`;
        await admin('POST', '/users', { username, password, role: 'viewer' });
        const { json } = await callerWith(server.url, undefined)('POST', '/auth/login', { username, password });
        tokens.push(json.access_token);
      }
      const readers = await Promise.all(
        Array.from({ length: streams }, (_, index) => stalledReader(server, tokens[Math.floor(index / 50)] ?? '')),
      );
      await until('all are served', async () => (await openStreams(admin)) === streams);
      // Of a user who has no streams yet.
      const { json: own } = await admin('POST', '/tokens', { name: 'healthy' });
      const stop = new AbortController();
      const healthy = await fetch(`${server.url}/stream`, {
        headers: { authorization: `Bearer ${own.token}` },
        signal: stop.signal,
      });
      assert.equal(healthy.status, 200);
      let received = 0;
      const reading = (async () => {
        for await (const chunk of healthy.body ?? []) received += chunk.length;
      })().catch(() => undefined);
      await until(
        'the stalled ones are dropped',
        async () => (await openStreams(admin)) === 1,
        often(120_000, 600_000),
      );
      const before = received;
      await until('the healthy one goes on', async () => received > before);
      stop.abort();
      await reading;
      for (const reader of readers) reader.destroy();
    }
    await assertWhole(folder.path, 1000);
  },
  often(240_000, 900_000),
);

test('one user has at most 50 streams, and is told so', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const call = await logIn(server.url);
  const { json } = await call('POST', '/tokens', { name: 'walls' });
  const readers = await Promise.all(Array.from({ length: 50 }, () => stalledReader(server, json.token)));
  await until('all are served', async () => (await openStreams(call)) === 50);
  const refused = await callerWith(server.url, json.token)('GET', '/stream');
  assert.equal(refused.status, 429);
  assert.match(refused.json.detail, /50 of these calls under way.*wait for one to end/);
  readers.pop()?.destroy();
  await until('a place is free', async () => (await openStreams(call)) === 49);
  for (const reader of readers) reader.destroy();
});

test(
  'many readers at once are all answered, and probing does not notice',
  async () => {
    const [readers, seconds] = [often(100, 1000), often(5, 60)];
    await using folder = await temporaryFolder();
    {
      await using server = await startServer(folder.path);
      const call = await logIn(server.url);
      await addTargets(call, loopbackAddresses(300));
      await until(
        'results',
        async () => metricIn((await call('GET', '/metrics')).text, 'pingmedaddy_probes_sent_total') > 900,
      );
      const until_ = performance.now() + seconds * 1000;
      const paths = ['/fleet', '/targets', '/targets/7/insights?window_minutes=60', '/targets/8/logs?limit=100'];
      const statuses = new Map<number, number>();
      const reader = async (_: unknown, index: number): Promise<void> => {
        for (let turn = index; performance.now() < until_; turn++) {
          const { status } = await call('GET', paths[turn % paths.length] ?? '');
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: readers }, reader));
      assert.deepEqual([...statuses.keys()], [200]);
      assert.ok((statuses.get(200) ?? 0) > readers, `${statuses.get(200)} answers`);
    }
    await assertWhole(folder.path, 1000);
  },
  often(90_000, 300_000),
);

test(
  'guessing passwords from many addresses gets nobody in, and keeps nobody out',
  async () => {
    const guesses = often(300, 10_000);
    await using folder = await temporaryFolder();
    const password = 'correct horse battery';
    const environment = { TRUSTED_PROXIES: '127.0.0.1/32', ADMIN_PASSWORD: password };
    await using server = await startServer(folder.path, environment);
    const anonymous = callerWith(server.url, undefined);
    const login = (username: string, guess: string, from: string): ReturnType<Caller> =>
      anonymous('POST', '/auth/login', { username, password: guess }, { 'x-forwarded-for': from });
    const statuses = new Map<string, number[]>();
    let next = 0;
    const guesser = async (): Promise<void> => {
      for (let guess = next++; guess < guesses; guess = next++) {
        const from = `198.51.100.${guess % 30}`;
        // Now and then the right one comes by, when its account and address have had their guesses already.
        const { status } = await login('admin', guess > 150 && guess % 97 === 0 ? password : `guess ${guess}`, from);
        const seen = statuses.get(from) ?? [];
        statuses.set(from, [...seen, status]);
      }
    };
    const guessing = Promise.all(Array.from({ length: 32 }, guesser));
    let honest = 0;
    const isOver = new AbortController();
    void guessing.finally(() => isOver.abort());
    while (!isOver.signal.aborted) {
      const { status } = await login('admin', password, `192.0.2.${honest++ % 250}`);
      assert.equal(status, 200, 'somebody else was kept out');
    }
    await guessing;
    const all = [...statuses.values()].flat();
    assert.equal(all.length, guesses);
    assert.ok(
      all.every((status) => status === 401 || status === 429),
      [...new Set(all)].join(),
    );
    // Five wrong ones in five minutes for an account from an address.
    for (const [from, seen] of statuses) {
      assert.ok(seen.filter((status) => status === 401).length <= 5, `${from}: ${seen.join(' ')}`);
    }
    // From so many networks at once that they fill the line for hashing: who comes from where somebody has come in before
    // does not stand in it.
    let answered = 0;
    const flood = Array.from({ length: 300 }, async (_, network) => {
      const { status } = await login('admin', 'guess', `2001:db8:0:${network.toString(16)}::1`);
      answered++;
      return status;
    });
    await Promise.any(flood);
    assert.equal((await login('admin', password, '192.0.2.0')).status, 200);
    const before = answered;
    assert.deepEqual(new Set(await Promise.all(flood)), new Set([401, 429]));
    assert.ok(before < 200, `${before} guesses were answered before it`);
  },
  often(120_000, 900_000),
);
