import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { addressWordsOf } from '../linux/address-words.ts';
import { echoByteLength, writeEchoRequest } from '../messages/icmp-packet.ts';
import { balancingSequence, firstPingIdentifier, traceIdentifierOf } from './trace-flow.ts';

test('all probes to one address have one identifier and one checksum', () => {
  const identifier = traceIdentifierOf(addressWordsOf('192.0.2.7'));
  const words = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const checksums = new Set<number>();
  fc.assert(
    fc.property(words, words, words, (serial, tokenLow, tokenHigh) => {
      const view = new DataView(new ArrayBuffer(echoByteLength));
      const sequence = balancingSequence(serial, tokenLow, tokenHigh);
      writeEchoRequest(view, 0, { family: 4, identifier, sequence, serial, tokenLow, tokenHigh });
      checksums.add(view.getUint16(2));
      assert.equal(checksums.size, 1);
    }),
    {
      examples: [
        [0, 0, 0],
        [-1, -1, -1],
      ],
    },
  );
});

test('identifiers differ between addresses, and are never those of pings', () => {
  const ips = Array.from({ length: 200 }, (_, index) => `198.51.100.${index}`);
  const identifiers = [...ips, 'fd00::1', 'fd00::2'].map((ip) => traceIdentifierOf(addressWordsOf(ip)));
  assert.ok(identifiers.every((each) => each >= 0 && each < firstPingIdentifier));
  assert.ok(new Set(identifiers).size > 195);
});
