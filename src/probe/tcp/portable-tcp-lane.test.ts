import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { AnomalyCounts } from '../../core/result/anomalies.ts';
import { plainPacket } from '../../core/target/probe-packet.ts';
import { type ResultRow, rowsOf } from '../../core/result/probe-result.ts';
import { addressWordsOf } from '../linux/address-words.ts';
import { createPortableClocks } from '../linux/clocks.ts';
import { LatenessWindow } from '../lane/lateness.ts';
import { PortableTcpLane } from './portable-tcp-lane.ts';
import { ResultColumns } from '../lane/result-columns.ts';
import { ScheduleClock } from '../lane/schedule-clock.ts';
import { createCounterMemory, readCounters } from '../lane/shared-counters.ts';

function openLane() {
  const clocks = createPortableClocks();
  clocks.read();
  const context = {
    clocks,
    schedule: new ScheduleClock(Date.now(), clocks.monotonicMillis, Number.NEGATIVE_INFINITY),
    columns: new ResultColumns(),
    tally: readCounters(createCounterMemory()),
    lateness: new LatenessWindow(),
    anomalies: new AnomalyCounts(),
    timeoutMillis: 2000,
    lastStep: { monotonicMillis: Number.NEGATIVE_INFINITY, byMillis: 0 },
  };
  return { context, lane: new PortableTcpLane(context) };
}

test("with Node's own sockets a port answers, refuses, or cannot be asked", async () => {
  const peers = new Set<Socket>();
  const server = createServer((socket) => peers.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { context, lane } = openLane();
  const ips = ['127.0.0.1', '127.0.0.2', '::1', '255.255.255.255'];
  ips.forEach((ip, at) => {
    const probe = { targetId: at + 1, slotMillis: Date.now(), intervalMillis: 1000 };
    lane.send(probe, { ip, words: addressWordsOf(ip), from: 0, port, packet: plainPacket });
  });
  assert.equal(lane.inFlight, ips.length);
  const giveUpAt = performance.now() + 10_000;
  while (lane.inFlight > 0 && performance.now() < giveUpAt) await sleep(10);
  const batch = context.columns.take();
  assert.ok(batch !== undefined);
  const results = new Map([...rowsOf(batch)].map((row: ResultRow) => [row.targetId as number, row.result]));
  assert.equal(results.get(1)?.outcome, 'reply');
  for (const id of [2, 3]) assert.deepEqual(results.get(id), { outcome: 'refused' });
  assert.equal(results.get(4)?.outcome, 'not-sent');
  const { sent, replies, unreachable, notSent } = context.tally;
  assert.deepEqual([sent, replies, unreachable, notSent], [3, 1, 2, 1]);
  lane.close();
  for (const peer of peers) peer.destroy();
  server.close();
});
