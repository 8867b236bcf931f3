import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { readTracerouteOutput } from './traceroute-output.ts';

test('what traceroute prints becomes hops, silent ones included, up to the destination', () => {
  const text = `traceroute to 10.0.0.9 (10.0.0.9), 30 hops max, 60 byte packets
 1  10.0.1.1  0.412 ms
 2  *
 3  10.0.0.9  20.101 ms
 4  10.0.0.9  21 ms
`;
  assert.deepEqual(readTracerouteOutput(text, '10.0.0.9', 30), {
    isDestinationReached: true,
    hops: [
      {
        ttl: 1,
        ip: '10.0.1.1',
        rttMicros: 412,
        sent: 1,
        answers: [{ ip: '10.0.1.1', rttMicros: 412, mplsLabels: [] }],
      },
      { ttl: 2, ip: undefined, rttMicros: undefined, sent: 1, answers: [] },
      {
        ttl: 3,
        ip: '10.0.0.9',
        rttMicros: 20_101,
        sent: 1,
        answers: [{ ip: '10.0.0.9', rttMicros: 20_101, mplsLabels: [] }],
      },
    ],
  });
});

test('marks of refusal, missing lines and IPv6 in its long form are understood', () => {
  const text = ' 1  FD00:0:0::1  1.5 ms !N\n 3  *\n';
  assert.deepEqual(readTracerouteOutput(text, 'fd00::9', 30), {
    isDestinationReached: false,
    hops: [
      {
        ttl: 1,
        ip: 'fd00::1',
        rttMicros: 1500,
        sent: 1,
        answers: [{ ip: 'fd00::1', rttMicros: 1500, mplsLabels: [] }],
      },
      { ttl: 2, ip: undefined, rttMicros: undefined, sent: 1, answers: [] },
      { ttl: 3, ip: undefined, rttMicros: undefined, sent: 1, answers: [] },
    ],
  });
});

test('no output whatever makes it throw, or give gaps or more hops than asked for', () => {
  const lines = fc.stringMatching(/^ ?\d{1,4} {1,2}[\d.:*a-f]{0,20} {0,2}[\d.]{0,9} ?(ms)?$/);
  fc.assert(
    fc.property(fc.array(fc.oneof(lines, fc.string())), (parts) => {
      const { hops } = readTracerouteOutput(parts.join('\n'), '10.0.0.1', 30);
      assert.ok(hops.length <= 30);
      hops.forEach((hop, at) => assert.equal(hop.ttl, at + 1));
    }),
  );
});
