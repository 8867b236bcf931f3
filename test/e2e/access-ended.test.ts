import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { addTargets, loopbackAddresses, metricIn } from '../../bench/probed-fleet.ts';
import { type Caller, callerWith, logIn, type RunningServer, startServer, temporaryFolder, until } from './server.ts';

const password = 'correct horse battery';

/** Nothing that was begun before may continue once the answer to the change has come. */
describe('a user who loses a role or the account in the middle of a call', () => {
  const stack = new AsyncDisposableStack();
  let server: RunningServer;
  let admin: Caller;
  beforeAll(async () => {
    const folder = stack.use(await temporaryFolder());
    server = stack.use(await startServer(folder.path));
    admin = await logIn(server.url);
    await addTargets(admin, loopbackAddresses(300));
  });
  afterAll(() => stack.disposeAsync());

  async function tokenOf(username: string, role: string): Promise<string> {
    assert.equal((await admin('POST', '/users', { username, password, role })).status, 200);
    const { json } = await callerWith(server.url, undefined)('POST', '/auth/login', { username, password });
    return json.access_token;
  }

  /** Sends a head, and a body later if ever; nothing of the answer is read until requested. */
  async function begin(head: string, token: string, more = ''): Promise<Socket> {
    const { hostname: host, port } = new URL(server.url);
    const socket = connect({ host, port: Number(port) });
    await once(socket, 'connect');
    socket.write(`${head} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n${more}\r\n`);
    return socket;
  }

  test('a body that arrives after the account is gone has no effect', async () => {
    const token = await tokenOf('slow', 'operator');
    const body = JSON.stringify({ ip: '127.44.0.1' });
    const more = `content-type: application/json\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: ${body.length}\r\n`;
    const socket = await begin('POST /targets', token, more);
    const [ready] = (await once(socket, 'data')) as [Buffer];
    assert.match(String(ready), /^HTTP\/1\.1 100 /);
    await admin('GET', '/livez');
    assert.equal((await admin('DELETE', '/users/slow')).status, 200);
    socket.write(body);
    assert.match(await text(socket), /^HTTP\/1\.1 401 /);
    const { json } = await admin('GET', '/targets');
    assert.ok(!json.some(({ ip }: { ip: string }) => ip === '127.44.0.1'));
  });

  test('the server survives event streams with stalled readers when the access ends, and ends them at once', async () => {
    const targets = loopbackAddresses(600);
    await addTargets(admin, targets.slice(300));
    const { json } = await admin('GET', '/targets');
    const ids: readonly number[] = json.map(({ id }: { id: number }) => id);
    for (const id of ids) await admin('PATCH', `/targets/${id}`, { frequency: 0.1 });
    const token = await tokenOf('stalled', 'viewer');
    // Each is a little slower than the one before it: when the first is dropped for its backlog, the next have one as well.
    const readers: Socket[] = [];
    for (let index = 0; index < 8; index++) {
      const reader = await begin(`GET /stream?targets=${ids.slice(index * 8).join()}`, token);
      readers.push(reader.pause());
    }
    const streams = async (which: 'open_streams' | 'streams_dropped_total'): Promise<number> =>
      metricIn((await admin('GET', '/metrics')).text, `pingmedaddy_${which}`);
    await until('all are open', async () => (await streams('open_streams')) === readers.length);
    await until('the first is dropped', async () => (await streams('streams_dropped_total')) > 0, 60_000);
    assert.ok((await streams('open_streams')) > 0);
    assert.equal((await admin('DELETE', '/users/stalled')).status, 200);
    await until('they are closed', async () => (await streams('open_streams')) === 0, 2000);
    const sent = metricIn((await admin('GET', '/metrics')).text, 'pingmedaddy_probes_sent_total');
    await until('probing goes on', async () => {
      return metricIn((await admin('GET', '/metrics')).text, 'pingmedaddy_probes_sent_total') > sent + 3000;
    });
    for (const reader of readers) reader.destroy();
  }, 120_000);

  test('a live trace and an export are broken off', async () => {
    // More than the kernel buffers for a reader that does not read.
    const plan = { targets: 1, years: 0.01, interval_seconds: 1, seed: 1 };
    assert.equal((await admin('POST', '/seed', plan)).status, 200);
    const { json } = await admin('GET', '/targets');
    const [{ id: seeded }] = json.filter((target: { is_synthetic: boolean }) => target.is_synthetic);
    const probed = json.find((target: { is_synthetic: boolean }) => !target.is_synthetic).id;
    const token = await tokenOf('leaving', 'admin');
    const { json: given } = await callerWith(server.url, token)('POST', '/tokens', { name: 'kept' });
    async function beginBoth(by: string): Promise<readonly Socket[]> {
      const calls = [
        await begin(
          `POST /targets/${probed}/traceroute?rounds=10`,
          by,
          'accept: text/event-stream\r\nconnection: close\r\n',
        ),
        await begin(`GET /targets/${seeded}/logs/export`, by, 'connection: close\r\n'),
      ];
      for (const call of calls) {
        await once(call, 'readable');
        assert.match(String(call.read(12)), /^HTTP\/1\.1 200/);
      }
      return calls;
    }
    const calls = await beginBoth(token);
    // Another one of the user's is revoked: that is no reason to break off these.
    assert.equal((await admin('DELETE', `/tokens/${given.id}`)).status, 200);
    assert.equal((await admin('PATCH', '/users/leaving', { role: 'viewer' })).status, 200);
    for (const call of calls) assert.ok(await isBrokenOff(call));
    const robbed = callerWith(server.url, await tokenOf('robbed', 'operator'));
    const { json: stolen } = await robbed('POST', '/tokens', { name: 'stolen', role: 'operator' });
    const theirs = await beginBoth(stolen.token);
    const change = { password: 'known to nobody else', end_api_tokens: true };
    assert.equal((await admin('PATCH', '/users/robbed', change)).status, 200);
    for (const call of theirs) assert.ok(await isBrokenOff(call));
  });
});

/** Reads what is left: a chunked answer that is whole ends with an empty chunk. */
async function isBrokenOff(socket: Socket): Promise<boolean> {
  let last = '';
  try {
    for await (const chunk of socket) last = (last + String(chunk)).slice(-200);
  } catch {
    return true;
  }
  return !last.endsWith('0\r\n\r\n');
}
