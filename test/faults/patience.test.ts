import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'vitest';
import { callerWith, logIn, startServer, temporaryFolder, until } from '../e2e/server.ts';

const password = 'correct horse battery';
const boundary = 'xx';
const csvHead = 'time,target_id,target_ip,latency_ms,hops,packet_loss\n';
const fileHead = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\nip\n`;
const fileEnd = `\n127.9.0.2\r\n--${boundary}--\r\n`;

test.concurrent(
  'an upload of which nothing comes for a minute loses its place; a slow one goes on',
  async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer(folder.path);
    const admin = await logIn(server.url);
    const { json: kept } = await admin('POST', '/tokens', { name: 'slow', role: 'operator' });
    await admin('POST', '/users', { username: 'still', password, role: 'operator' });
    const still = await logIn(server.url, password, 'still');
    const { json: own } = await still('POST', '/tokens', { name: 'still', role: 'operator' });
    const { json: target } = await admin('POST', '/targets', { ip: '127.9.0.1', frequency: 3600 });
    const { hostname: host, port } = new URL(server.url);
    const begin = async (
      path: string,
      token: string,
      type: string,
      length: number,
      beginning: string,
    ): Promise<Socket> => {
      const socket = connect({ host, port: Number(port) });
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      const head = [
        `POST ${path} HTTP/1.1`,
        'host: localhost',
        `authorization: Bearer ${token}`,
        `content-type: ${type}`,
      ];
      socket.write([...head, `content-length: ${length}`, 'connection: close', '', beginning].join('\r\n'));
      return socket;
    };
    const log = `/targets/${target.id}/logs/import`;
    const form = `multipart/form-data; boundary=${boundary}`;
    const sendLog = () => callerWith(server.url, own.token)('POST', log, csvHead, { 'content-type': 'text/csv' });
    const sendFile = () =>
      callerWith(server.url, own.token)('POST', '/targets/import', fileHead + fileEnd, { 'content-type': form });

    // There are places for two of each: the third is told so, and thereby that the others have them.
    const standing = (path: string, type: string, beginning: string): Promise<readonly Socket[]> =>
      Promise.all([1, 2, 3].map(() => begin(path, own.token, type, 1000, beginning)));
    const held = [await standing(log, 'text/csv', csvHead), await standing('/targets/import', form, fileHead)];
    for (const sockets of held) {
      const answers = sockets.map((socket) => once(socket, 'data') as Promise<[Buffer]>);
      assert.match(String((await Promise.any(answers))[0]), /^HTTP\/1\.1 429 /);
    }
    assert.deepEqual([(await sendLog()).status, (await sendFile()).status], [429, 429]);
    const isClosed = async (socket: Socket): Promise<void> => {
      if (!socket.closed) await once(socket.resume(), 'close');
    };
    const cut = Promise.all(held.flat().map(isClosed));

    const parts = ['127.9', '.0.3', '\n127', '.9.0', '.4', fileEnd];
    const length = fileHead.length + parts.join('').length;
    const slow = await begin('/targets/import', kept.token, form, length, fileHead);
    const answer = text(slow);
    let isDone = false;
    const sending = setInterval(() => {
      const part = isDone || parts.length > 1 ? parts.shift() : undefined;
      if (part !== undefined) slow.write(part);
    }, 15_000);
    await cut;
    assert.deepEqual([(await sendLog()).status, (await sendFile()).status], [200, 200]);
    await until('the slow one has gone on for longer than that', async () => parts.length <= 1, 60_000);
    isDone = true;
    assert.match(await answer, /"row_count":3,"created":2,"skipped_existing":1/);
    clearInterval(sending);
    assert.deepEqual(
      server.log.filter((line) => line.includes('"level":50')),
      [],
    );
  },
  240_000,
);

test.concurrent(
  'who sends or reads next to nothing loses the connection and the place',
  async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer(folder.path);
    const call = await logIn(server.url);
    const { json: token } = await call('POST', '/tokens', { name: 'downloads' });
    const { hostname: host, port } = new URL(server.url);
    const begin = async (head: string): Promise<Socket> => {
      const socket = connect({ host, port: Number(port) }).pause();
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(head);
      return socket;
    };
    // One byte a second is never silent, and would take a quarter of an hour.
    const slow = (
      await begin(
        'POST /auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
      )
    ).resume();
    const trickle = setInterval(() => slow.write(' '), 1000);
    const isCut = once(slow, 'close').finally(() => clearInterval(trickle));
    // 50 MB: more than the kernel takes for a reader that does not read.
    assert.equal((await call('POST', '/seed', { targets: 1, years: 0.04, interval_seconds: 1, seed: 1 })).status, 200);
    const [{ id }] = (await call('GET', '/targets')).json;
    const readers = await Promise.all(
      Array.from({ length: 4 }, () =>
        begin(
          `GET /targets/${id}/logs/export HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token.token}\r\n\r\n`,
        ),
      ),
    );
    // Each has its place before another asks, and reads no more than what comes first.
    await Promise.all(readers.map((reader) => once(reader, 'readable')));
    for (const reader of readers) assert.match(String(reader.read()), /^HTTP\/1\.1 200 /);
    const another = async (): Promise<number> => {
      const answer = await fetch(`${server.url}/targets/${id}/logs/export`, {
        headers: { authorization: `Bearer ${token.token}` },
      });
      await answer.body?.cancel();
      return answer.status;
    };
    await until('all places are taken', async () => (await another()) === 429);
    await isCut;
    await until('a place is free again', async () => (await another()) === 200, 120_000);
    for (const reader of readers) reader.destroy();
  },
  240_000,
);
