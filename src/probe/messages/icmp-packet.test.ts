import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import {
  createIcmpReading,
  echoByteLength,
  internetChecksum,
  readEchoRequest,
  readIcmpMessage,
  readIpv4Packet,
  writeEchoRequest,
} from './icmp-packet.ts';

const families = fc.constantFrom(4 as const, 6 as const);
const requests = fc.record({
  family: families,
  identifier: fc.integer({ min: 0, max: 0xffff }),
  sequence: fc.integer({ min: 0, max: 0xffff }),
  serial: fc.integer({ min: 0, max: 0xffffffff }),
  tokenLow: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  tokenHigh: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
});

function written(request: Parameters<typeof writeEchoRequest>[2]): Uint8Array {
  const bytes = new Uint8Array(echoByteLength);
  writeEchoRequest(new DataView(bytes.buffer), 0, request);
  return bytes;
}

function viewOf(...parts: (ArrayLike<number> & Iterable<number>)[]): DataView {
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
  return new DataView(bytes.buffer);
}

const ipv4Header = (protocol: number, length = 20, contentLength = 24): number[] => {
  const header = new Array<number>(length).fill(0);
  header[0] = 0x40 | (length / 4);
  header[3] = length + contentLength;
  header[8] = 57;
  header[9] = protocol;
  return header;
};
const ipv6Header = [0x60, 0, 0, 0, 0, 24, 58, 64, ...new Array<number>(32).fill(0)];

test('a reply reads back what the request carried', () => {
  fc.assert(
    fc.property(requests, fc.constantFrom(20, 24, 60), (request, headerLength) => {
      const bytes = written(request);
      bytes[0] = request.family === 4 ? 0 : 129;
      const into = createIcmpReading();
      if (request.family === 4) {
        readIpv4Packet(viewOf(ipv4Header(1, headerLength), bytes), 0, headerLength + 24, into);
        assert.equal(into.ttl, 57);
      } else {
        readIcmpMessage(viewOf(bytes), 0, 24, 6, into);
      }
      assert.equal(into.kind, 'echo-reply');
      assert.ok(into.hasToken);
      const { identifier, sequence, tokenLow, tokenHigh } = into;
      const { family: _family, serial, ...rest } = request;
      assert.deepEqual({ identifier, sequence, tokenLow, tokenHigh }, rest);
      assert.equal(into.serial >>> 0, serial);
    }),
  );
});

test('an IPv4 request has a checksum that makes the whole sum to zero', () => {
  fc.assert(
    fc.property(requests, (request) => {
      const view = viewOf(written({ ...request, family: 4 }));
      assert.equal(internetChecksum(view, 0, echoByteLength), 0);
    }),
  );
});

test('an error reads as the probe that it quotes, with its type, code and destination', () => {
  fc.assert(
    fc.property(requests, fc.integer({ min: 0, max: 255 }), (request, code) => {
      const type = request.family === 4 ? 11 : 3;
      const quoted = request.family === 4 ? ipv4Header(1) : ipv6Header;
      const message = viewOf([type, code, 0, 0, 0, 0, 0, 0], quoted, written(request));
      const into = createIcmpReading();
      readIcmpMessage(message, 0, message.byteLength, request.family, into);
      assert.equal(into.kind, 'error');
      assert.deepEqual([into.errorType, into.errorCode, into.sequence], [type, code, request.sequence]);
      assert.equal(into.quotedDestination, 8 + (request.family === 4 ? 16 : 24));
    }),
  );
});

test('an error that quotes only eight bytes reads without a token', () => {
  const request = { family: 4 as const, identifier: 7, sequence: 9, serial: 1, tokenLow: 2, tokenHigh: 3 };
  const message = viewOf([3, 1, 0, 0, 0, 0, 0, 0], ipv4Header(1), written(request).slice(0, 8));
  const into = createIcmpReading();
  readIcmpMessage(message, 0, message.byteLength, 4, into);
  assert.deepEqual([into.kind, into.identifier, into.sequence, into.hasToken], ['error', 7, 9, false]);
});

test('errors about packets that are not ours, and unrelated types, read as other', () => {
  const into = createIcmpReading();
  const udp = viewOf([3, 3, 0, 0, 0, 0, 0, 0], ipv4Header(17), new Uint8Array(24));
  readIcmpMessage(udp, 0, udp.byteLength, 4, into);
  assert.equal(into.kind, 'other');
  readIcmpMessage(viewOf([5, 0, 0, 0, 0, 0, 0, 0]), 0, 8, 4, into);
  assert.equal(into.kind, 'other');
});

test('no input makes a reader throw or read past the end', () => {
  const offsets = fc.integer({ min: -4, max: 80 });
  // Bytes that look like packets reach further into the readers than random ones.
  const packets = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.uint8Array({ maxLength: 100 }).map((tail) => Uint8Array.from([0x45, 0, 0, 0, 0, 0, 0, 0, 1, 1, ...tail])),
    fc.uint8Array({ maxLength: 100 }).map((tail) => Uint8Array.from([3, 1, 0, 0, 0, 0, 0, 0, 0x4f, ...tail])),
    fc.uint8Array({ maxLength: 100 }).map((tail) => Uint8Array.from([1, 1, 0, 0, 0, 0, 0, 0, 0x60, ...tail])),
  );
  fc.assert(
    fc.property(packets, offsets, offsets, families, (bytes, start, end, family) => {
      const limit = Math.min(Math.max(end, 0), bytes.length);
      // The view sees the whole buffer: a read beyond `end` would not throw, so the tail must not change the reading.
      const other = Uint8Array.from(bytes, (byte, at) => (at < limit ? byte : byte ^ 0xff));
      const readings = [bytes, other].map((each) => {
        const view = new DataView(each.buffer, each.byteOffset, each.byteLength);
        const [packet, message, request] = [createIcmpReading(), createIcmpReading(), createIcmpReading()];
        readIpv4Packet(view, start, end, packet);
        readIcmpMessage(view, start, end, family, message);
        return [packet, message, readEchoRequest(view, start, end, family, request), request];
      });
      assert.deepEqual(readings[0], readings[1]);
    }),
    { numRuns: 2000 },
  );
});
