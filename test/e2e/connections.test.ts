import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { test } from 'vitest';
import { callerWith, logIn, startServer, temporaryFolder, until } from './server.ts';

/** As many systems have it. */
const fewDescriptors = ['sh', '-c', 'ulimit -n 1024; exec "$@"', 'sh'];

/** Connections that send `text`, or nothing at all, and then stall. */
async function hold(url: string, from: string, count: number, text = ''): Promise<readonly Socket[]> {
  const { hostname: host, port } = new URL(url);
  const opened = Array.from({ length: count }, async () => {
    const socket = connect({ host, port: Number(port), localAddress: from });
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  });
  return Promise.all(opened);
}

test('idle connections, from one address or from many, keep nobody out', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path, {}, fewDescriptors);
  const call = await logIn(server.url);
  const descriptors = async (): Promise<number> => (await readdir(`/proc/${server.process.pid}/fd`)).length;
  const without = await descriptors();
  const held = [...(await hold(server.url, '127.0.0.2', 1200))];
  assert.equal((await call('GET', '/targets')).status, 200);
  assert.equal((await callerWith(server.url, undefined)('GET', '/livez')).status, 200);
  // A quarter of the half that is for connections.
  assert.ok((await descriptors()) <= without + 1024 / 8 + 8);

  // A request in progress is not closed for them, and beginning one does not make them one.
  const slow = hold(
    server.url,
    '127.0.0.3',
    1,
    'POST /auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 52\r\n\r\n{',
  );
  const [asking] = await slow;
  assert.ok(asking !== undefined);
  const answered = once(asking, 'data') as Promise<[Buffer]>;
  for (let last = 3; last < 9; last++) held.push(...(await hold(server.url, `127.0.0.${last}`, 200, 'GET /livez HT')));
  assert.equal((await call('GET', '/targets')).status, 200);
  assert.ok((await descriptors()) <= without + 1024 / 2 + 8);
  asking.write(`"username":"admin","password":"changeme"}${' '.repeat(10)}`);
  assert.match(String((await answered)[0]), /^HTTP\/1\.1 200 /);

  await until('all that asked for nothing are closed', async () => (await descriptors()) < without + 8, 30_000);
  for (const socket of [...held, asking]) socket.destroy();
}, 60_000);
