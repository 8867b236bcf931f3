import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'vitest';
import { type ProbePacket, plainPacket } from '../../src/core/target/probe-packet.ts';
import { temporaryFolder } from '../e2e/server.ts';
import { TestNetwork } from './network.ts';
import type { Family, Request } from './packets.ts';
import { requestIn } from './packets.ts';
import { isSkipped } from './requirements.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isShapeSkipped = isSkipped('size, DSCP and TTL seen on the wire', 'root', 'ip netns', 'ping');
const shapes: readonly ProbePacket[] = [
  plainPacket,
  ...[0, 1, 5, 8, 15, 16, 17, 56, 1400].map((payloadBytes) => ({ ...plainPacket, payloadBytes })),
  { ...plainPacket, dscp: 46 },
  { ...plainPacket, ttl: 3 },
  { ...plainPacket, payloadBytes: 7, dscp: 63, ttl: 255 },
];
const addressOf = (family: Family, index: number): string =>
  family === 4 ? `10.78.0.${index + 1}` : `fd78::${(index + 1).toString(16)}`;
const targets = ([4, 6] as const).flatMap((family) =>
  shapes.map((packet, index) => ({ family, ip: addressOf(family, index), intervalMillis: 100, packet })),
);

function lookOf({ family, packet, message }: Request): Omit<ProbePacket, 'dontFragment'> {
  const trafficClass = family === 4 ? packet[1] : ((packet[0] ?? 0) << 4) | ((packet[1] ?? 0) >> 4);
  const ttl = packet[family === 4 ? 8 : 7] ?? 0;
  return { payloadBytes: message.length - 8, dscp: ((trafficClass ?? 0) & 0xff) >> 2, ttl };
}

test.skipIf(isShapeSkipped).for([
  { method: 'raw-socket', least: 0, plain: 16, fewest: 10 },
  { method: 'ping-socket', least: 0, plain: 16, fewest: 10 },
  // The program prints no time of packets with less. A process for each probe: a busy machine starts few of them.
  { method: 'system-ping', least: 16, plain: 56, fewest: 2 },
] as const)('$method: every probe has the size, DSCP and TTL of its target, and is answered', async (way) => {
  const opened = new TestNetwork();
  network = opened;
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'packets');
  opened.add('a', 'net.ipv4.ping_group_range=0 2147483647');
  opened.add('b');
  opened.join('a', ['10.77.0.1/30', 'fd77::1/64'], 'b', ['10.77.0.2/30', 'fd77::2/64']);
  opened.ip('a', 'route add 10.78.0.0/16 via 10.77.0.2');
  opened.ip('a', '-6 route add fd78::/32 via fd77::2');
  opened.ip('b', 'route add local 10.78.0.0/16 dev lo');
  opened.ip('b', '-6 route add local fd78::/32 dev lo');
  opened.warmUp('a', '10.77.0.2', 'fd77::2');
  await opened.start('b', 'wire-log.ts', file);
  const { rttsMicros, outcomes, counters } = await opened.probe('a', { methods: [way.method], targets, seconds: 2 });
  const seen = readFileSync(file, 'utf8').trim().split('\n');
  const requests = seen.map((line) => requestIn(Buffer.from(line, 'hex'))).filter((request) => request !== undefined);
  targets.forEach(({ ip, packet }, at) => {
    const looks = requests.filter(({ to }) => to === ip).map(lookOf);
    assert.ok(looks.length >= way.fewest, `${looks.length} packets to ${ip}`);
    const payloadBytes = packet.payloadBytes === null ? way.plain : Math.max(way.least, packet.payloadBytes);
    const expected = { payloadBytes, dscp: packet.dscp ?? 0, ttl: packet.ttl ?? 64 };
    for (const look of looks) assert.deepEqual(look, expected, ip);
    const id = String(at + 1);
    assert.deepEqual(Object.keys(outcomes[id] ?? {}), ['reply'], `${ip}: ${JSON.stringify(outcomes[id])}`);
    assert.ok((rttsMicros[id] ?? []).every((micros) => micros > 0));
  });
  assert.deepEqual([counters.wrongReplies, counters.duplicates, counters.notSent], [0, 0, 0]);
});
