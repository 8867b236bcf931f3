import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'vitest';
import { checksumOf, icmpMessage, ipPacket, requestIn } from '../../test/netns/packets.ts';
import type { Family } from '../../test/netns/packets.ts';
import { addressWordsOf } from './linux/address-words.ts';
import {
  createIcmpReading,
  echoByteLength,
  internetChecksum,
  readIcmpMessage,
  readIpv4Packet,
  writeEchoRequest,
} from './messages/icmp-packet.ts';
import { ProbeTable } from './lane/probe-table.ts';
import { createTokenSigner } from './messages/probe-token.ts';
import { ReplyMatcher } from './icmp/reply-matcher.ts';

// Whole: PMD_FUZZ_PACKETS=10000000 (npm run test:fuzz). PMD_FUZZ_SEED repeats a run.
const packetCount = Number(process.env['PMD_FUZZ_PACKETS'] ?? 300_000);
const seed = Number(process.env['PMD_FUZZ_SEED'] ?? randomInt(1, 2 ** 31));

/** xorshift32: fast, and the same for the same seed. */
function createRandom(from: number): (below: number) => number {
  let state = from | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const identifierBase = 0x4320;
const us = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
const them = { 4: '198.51.100.7', 6: '2001:db8:7::7' } as const;

function stage(family: Family) {
  const signer = createTokenSigner();
  const table = new ProbeTable(family, 0xfffe);
  const matcher = new ReplyMatcher(table, signer, identifierBase);
  const requests: Uint8Array[] = [];
  for (let probe = 0; probe < 4; probe++) {
    const serial = table.nextSerial;
    const entry = { targetId: probe + 1, slotMillis: 0, intervalMillis: 1000 };
    const index = table.add(entry, addressWordsOf(them[family]), 0);
    signer.sign(serial);
    table.tokenLows[index] = signer.low;
    table.tokenHighs[index] = signer.high;
    const bytes = new Uint8Array(echoByteLength);
    writeEchoRequest(new DataView(bytes.buffer), 0, {
      ...{ family, identifier: matcher.identifierOf(serial), sequence: serial & 0xffff, serial },
      ...{ tokenLow: signer.low, tokenHigh: signer.high },
    });
    requests.push(bytes);
  }
  return { matcher, requests };
}

const fieldsBack = (family: Family) => ({ from: them[family], to: us[family] });

/** All genuine packets: replies, and errors that quote whole probes or eight bytes of them. */
function genuinePackets(family: Family, requests: readonly Uint8Array[]): readonly Uint8Array[] {
  const back = fieldsBack(family);
  const whole = (content: Uint8Array, header: object = {}): Uint8Array =>
    ipPacket(family, { ...back, ...header }, content);
  return requests.flatMap((request) => {
    const sent = ipPacket(family, { from: us[family], to: them[family] }, request);
    const reply = icmpMessage(family, back, [family === 4 ? 0 : 129, 0], request.slice(4));
    const errors = (family === 4 ? [3, 11, 12] : [1, 2, 3, 4]).flatMap((type) =>
      [sent, sent.slice(0, sent.length - 16)].map((quote) =>
        icmpMessage(family, back, [type, 1], Uint8Array.from([0, 0, 0, 0, ...quote])),
      ),
    );
    const variants = family === 4 ? [{ options: [1, 1, 1, 0] }, { options: new Array<number>(40).fill(1) }] : [];
    return [...[reply, ...errors].map((message) => whole(message)), ...variants.map((header) => whole(reply, header))];
  });
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

/** What a packet is, determined slowly and in another way: by comparing whole slices with what was sent. */
function judge(family: Family, packet: Uint8Array, requests: readonly Uint8Array[]): 'reply' | 'error' | 'none' {
  let message = packet.slice(40);
  const source = family === 4 ? packet.slice(12, 16) : packet.slice(8, 24);
  const them4or6 = ipPacket(family, fieldsBack(family), new Uint8Array()).slice(...(family === 4 ? [12, 16] : [8, 24]));
  let isWhole = true;
  if (family === 4) {
    const headerLength = ((packet[0] ?? 0) & 15) * 4;
    const length = (packet[2] ?? 0) * 256 + (packet[3] ?? 0);
    if ((packet[0] ?? 0) >> 4 !== 4 || headerLength < 20 || packet[9] !== 1) return 'none';
    message = packet.slice(headerLength, Math.max(headerLength, Math.min(length, packet.length)));
    isWhole = length <= packet.length;
    if (isWhole && checksumOf(message) !== 0) return 'none';
  }
  if (message.length < 8) return 'none';
  const type = message[0] ?? 0;
  if (type === (family === 4 ? 0 : 129)) {
    const isEcho = requests.some((request) => isSame(request.slice(4), message.slice(4, 24)));
    return isEcho && isSame(source, them4or6) && isWhole ? 'reply' : 'none';
  }
  if (!(family === 4 ? [3, 11, 12] : [1, 2, 3, 4]).includes(type)) return 'none';
  const quote = message.slice(8);
  const destination = family === 4 ? quote.slice(16, 20) : quote.slice(24, 40);
  if (!isSame(destination, them4or6) || (quote[0] ?? 0) >> 4 !== family) return 'none';
  const headerLength = family === 4 ? ((quote[0] ?? 0) & 15) * 4 : 40;
  if (headerLength < 20 || quote[family === 4 ? 9 : 6] !== (family === 4 ? 1 : 58)) return 'none';
  const quoted = quote.slice(headerLength);
  if (quoted.length < 8 || quoted[0] !== (family === 4 ? 8 : 128)) return 'none';
  const hasToken = quoted.length >= 24 && isSame(quoted.slice(8, 12), (requests[0] ?? quoted).slice(8, 12));
  const end = hasToken ? 24 : 8;
  return requests.some((request) => isSame(request.slice(4, end), quoted.slice(4, end))) ? 'error' : 'none';
}

/** Flips bits, replaces bytes, swaps, truncates, extends, grafts another packet's end; returns the new length. */
function mutate(random: (below: number) => number, bytes: Uint8Array, length: number, other: Uint8Array): number {
  const at = random(Math.max(1, length));
  switch (random(6)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      return length;
    case 1:
      bytes[at] = [0, 1, 0x45, 0x7f, 0x80, 0xff, 8, 24][random(8)] ?? 0;
      return length;
    case 2:
      bytes[at] = random(256);
      return length;
    case 3:
      return at;
    case 4:
      return Math.min(bytes.length, length + random(32));
    default:
      bytes.set(other.subarray(at, bytes.length), Math.min(at, other.length));
      return Math.max(length, Math.min(bytes.length, other.length));
  }
}

/** Corrects the checksum, so that what is behind it is tested. */
function mend(view: DataView, length: number): void {
  const start = (view.getUint8(0) & 15) * 4;
  const end = Math.min(length, view.getUint16(2));
  if (end - start < 8) return;
  view.setUint16(start + 2, 0);
  view.setUint16(start + 2, internetChecksum(view, start, end));
}

test.for([4, 6] as const)(
  'no mutated ICMPv%i packet makes a reader throw, and accepted ones are what they claim to be',
  { timeout: 3_600_000 },
  (family) => {
    const random = createRandom(seed);
    const { matcher, requests } = stage(family);
    const genuine = genuinePackets(family, requests);
    // Mutated packets are in a longer buffer whose end contains the rest of a genuine packet: reading past the end would find it.
    const bytes = new Uint8Array(256);
    const view = new DataView(bytes.buffer);
    const reading = createIcmpReading();
    const accepted = { reply: 0, error: 0, none: 0 };
    for (let nth = 0; nth < packetCount / 2; nth++) {
      const chosen = genuine[random(genuine.length)] ?? bytes;
      const other = genuine[random(genuine.length)] ?? bytes;
      bytes.set(chosen);
      let length = chosen.length;
      for (let turn = random(4); turn > 0; turn--) length = mutate(random, bytes, length, other);
      if (family === 4 && random(2) === 0) mend(view, length);
      if (family === 4) readIpv4Packet(view, 0, length, reading);
      // The kernel delivers ICMPv6 without headers, with the source alongside.
      else readIcmpMessage(view, 40, length, 6, reading);
      let verdict: 'reply' | 'error' | 'none' = 'none';
      if (reading.kind !== 'other') {
        assert.ok(reading.quotedDestination < length, `seed ${seed}, packet ${nth}`);
        const addressAt = reading.kind === 'error' ? reading.quotedDestination : family === 4 ? 12 : 8;
        const packet = { reading, view, addressAt, method: 'raw-socket' as const };
        if (matcher.find(packet, 0) >= 0) verdict = reading.kind === 'error' ? 'error' : 'reply';
      }
      // Faster than asserting with a message each time, which would take most of the time.
      const truth = judge(family, bytes.slice(0, length), requests);
      if (verdict !== truth) {
        assert.fail(
          `seed ${seed}, packet ${nth}: read as ${verdict}, is ${truth}: ${Buffer.from(bytes.slice(0, length)).toString('hex')}`,
        );
      }
      accepted[verdict]++;
    }
    for (const count of Object.values(accepted)) assert.ok(count > packetCount / 100, JSON.stringify(accepted));
  },
);

test('our own request, as it arrives, is distinguished from replies', () => {
  const { requests } = stage(4);
  const packet = ipPacket(4, { from: us[4], to: them[4] }, requests[0] ?? new Uint8Array());
  assert.equal(requestIn(packet)?.to, them[4]);
  const reading = createIcmpReading();
  readIpv4Packet(new DataView(packet.buffer), 0, packet.length, reading);
  assert.equal(reading.kind, 'other');
});
