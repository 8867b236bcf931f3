import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, test } from 'vitest';
import { isSkipped } from '../../../test/netns/requirements.ts';
import { parseTargetId } from '../../core/ids.ts';
import type { ResultRow } from '../../core/result/probe-result.ts';
import { isLost, rowsOf } from '../../core/result/probe-result.ts';
import type { ProbedTarget, Prober } from '../port.ts';
import { openProberHost } from '../host/prober-host.ts';
import { openSockets } from '../../../test/probe/open-sockets.ts';

const isTcpSkipped = isSkipped('connecting to ports of this machine', 'root');
let opened: AsyncDisposableStack | undefined;
afterEach(() => opened?.disposeAsync());

interface Opened {
  readonly prober: Prober;
  readonly rows: ResultRow[];
  readonly workers: Worker[];
  readonly port: number;
  readonly server: Server;
}

/** A prober, and a server that treats each connection as it is told to. */
async function open(onConnection: (socket: Socket) => void = () => undefined): Promise<Opened> {
  const stack = new AsyncDisposableStack();
  opened = stack;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  stack.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '::');
  await once(server, 'listening');
  const rows: ResultRow[] = [];
  const workers: Worker[] = [];
  const options = { timeoutMillis: 1000, maxInFlight: 0, tracerouteBinary: undefined, onNotice: () => undefined };
  const prober = await openProberHost(
    { ...options, onResults: (batch) => rows.push(...rowsOf(batch)) },
    { onWorker: (worker) => workers.push(worker) },
  );
  stack.use(prober);
  return { prober, rows, workers, server, port: (server.address() as AddressInfo).port };
}

const targets = (count: number, ip: string, tcpPort: number, firstId = 1): ProbedTarget[] =>
  Array.from({ length: count }, (_, index) => {
    const id = parseTargetId(firstId + index);
    assert.ok(id !== undefined);
    return { id, ip, probe: { kind: 'tcp', port: tcpPort }, intervalMillis: 100 };
  });

async function until(isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (!isSo()) {
    assert.ok(performance.now() < giveUpAt, 'it never came');
    await sleep(20);
  }
}

test.skipIf(isTcpSkipped)(
  'both families are answered, at their planned times, and no socket is left open',
  async () => {
    const { prober, rows, server, port } = await open();
    const before = openSockets();
    prober.schedule({ set: [...targets(50, '127.0.0.1', port), ...targets(50, '::1', port, 51)], remove: [] });
    await until(() => rows.length > 2000);
    await prober[Symbol.asyncDispose]();
    assert.ok(rows.every(({ result }) => result.outcome === 'reply' && result.rttMicros > 0));
    assert.equal(new Set(rows.map(({ targetId, sentAt }) => `${targetId} ${sentAt}`)).size, rows.length);
    const connections = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    // Still open are the server's own ends; the ICMP sockets of the prober are gone as well.
    assert.ok(openSockets() - connections <= before, `${openSockets()} sockets, ${connections} of the server`);
  },
);

test.skipIf(isTcpSkipped)('a peer that hangs up or resets at once has answered', async () => {
  for (const hangUp of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
    const { prober, rows, port } = await open(hangUp);
    prober.schedule({ set: targets(5, '127.0.0.1', port), remove: [] });
    await until(() => rows.length > 50);
    assert.deepEqual(new Set(rows.map(({ result }) => result.outcome)), new Set(['reply']));
    await opened?.disposeAsync();
  }
});

test.skipIf(isTcpSkipped)('a closed port is a loss with that reason', async () => {
  const { prober, rows, port, server } = await open();
  server.close();
  prober.schedule({ set: [...targets(5, '127.0.0.1', port), ...targets(5, '::1', port, 6)], remove: [] });
  await until(() => rows.length > 100);
  for (const { result } of rows) {
    assert.deepEqual(result, { outcome: 'refused' });
    assert.ok(isLost(result));
  }
});

test.skipIf(isTcpSkipped)('the connections of a thread that dies are closed, and the next one continues', async () => {
  const { prober, rows, workers, port } = await open();
  prober.schedule({ set: targets(20, '127.0.0.1', port), remove: [] });
  await until(() => rows.length > 100);
  const before = rows.length;
  await workers[0]?.terminate();
  await until(() => rows.length > before + 200);
  assert.equal(prober.counters().workerRestarts, 1);
  prober.schedule({ set: [], remove: targets(20, '', 0).map(({ id }) => id) });
  // The server closes its ends when it hears of the resets; what the dead thread had open is gone.
  await until(() => openSockets() < 20);
  assert.ok(rows.every(({ result }) => result.outcome === 'reply'));
});
