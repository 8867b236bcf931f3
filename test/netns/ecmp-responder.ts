import { createKernelClocks } from '../../src/probe/linux/clocks.ts';
import { loadLibc } from '../../src/probe/linux/libc.ts';
import type { Family, Request } from './packets.ts';
import { icmpMessage, ipPacket, requestIn, checksumOf } from './packets.ts';
import { replyTo } from './oracle.ts';
import { openRawIp } from './raw-ip.ts';

// A network of two routers before the destination, each of them one of a hundred that share the load by flow, as real ones
// do: by addresses, ICMP identifier and checksum, and the flow label. The second quotes MPLS labels (RFC 4950).
const wires = { 4: openRawIp(4), 6: openRawIp(6) };
const clocks = createKernelClocks(loadLibc());
const timeExceeded = { 4: 11, 6: 3 } as const;
const labels = [0x05, 0xdc, 0x1a, 0x01, 0xff, 0xff, 0xf1, 0x40];

function ttlOf({ family, packet }: Request): number {
  return packet[family === 4 ? 8 : 7] ?? 0;
}

function flowOf({ family, packet, message }: Request): number {
  const flowLabel = family === 4 ? [] : packet.slice(1, 4);
  return checksumOf(Uint8Array.from([...message.slice(2, 6), ...flowLabel])) % 100;
}

function routerOf(family: Family, ttl: number, flow: number): string {
  return family === 4 ? `10.79.${ttl}.${flow + 1}` : `fd79:${ttl}::${(flow + 1).toString(16)}`;
}

function extension(): Uint8Array {
  const structure = Uint8Array.from([0x20, 0, 0, 0, 0, 4 + labels.length, 1, 1, ...labels]);
  const sum = checksumOf(structure);
  structure.set([sum >> 8, sum & 0xff], 2);
  return structure;
}

function answer(request: Request): Uint8Array {
  const { family, packet } = request;
  const ttl = ttlOf(request);
  if (ttl > 2) return replyTo(request);
  const router = { from: routerOf(family, ttl, flowOf(request)), to: request.from };
  const quote = new Uint8Array(128);
  quote.set(packet.slice(0, 128));
  const length = family === 4 ? [0, 128 / 4, 0, 0] : [128 / 8, 0, 0, 0];
  const rest = ttl === 2 ? [...length, ...quote, ...extension()] : [0, 0, 0, 0, ...packet];
  const message = icmpMessage(family, router, [timeExceeded[family], 0], Uint8Array.from(rest));
  return ipPacket(family, router, message);
}

process.stdout.write('ready\n');
for (;;) {
  clocks.read();
  for (const wire of Object.values(wires)) {
    for (const packet of wire.receive()) {
      const request = requestIn(packet);
      if (request === undefined || !/^(10\.79\.200\.|fd79:200:)/.test(request.to)) continue;
      wire.send(answer(request));
    }
  }
  clocks.sleep(1);
}
