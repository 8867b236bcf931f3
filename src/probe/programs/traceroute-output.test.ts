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
        mark: '!N',
        sent: 1,
        answers: [{ ip: 'fd00::1', rttMicros: 1500, mplsLabels: [] }],
      },
      { ttl: 2, ip: undefined, rttMicros: undefined, sent: 1, answers: [] },
      { ttl: 3, ip: undefined, rttMicros: undefined, sent: 1, answers: [] },
    ],
  });
});

test('names, addresses and times are distinguished, however many probes a hop was sent', () => {
  const text = `traceroute to host.example (192.0.2.9), 30 hops max, 60 byte packets
 1  gateway-11.433.example (192.0.2.1)  11.433 ms  10.1 ms  9 ms
 2  192.0.2.2 (192.0.2.2) [AS64500]  12,5 ms *  core.example (192.0.2.3)  13.25 ms
 3  11.433 ms
 4    <1 ms    <1 ms     2 ms  edge.example [192.0.2.4]
 5  10.0  1.5ms
 6  fd00::6 (fd00::6)  3.5 ms !X
 7  host.example (192.0.2.9)  20 ms
`;
  const { hops, isDestinationReached } = readTracerouteOutput(text, '192.0.2.9', 30);
  const seen = hops.map(({ ip, answers, sent, mark }) => [ip, answers.map((each) => each.rttMicros), sent, mark]);
  assert.deepEqual(seen, [
    ['192.0.2.1', [11_433, 10_100, 9000], 3, undefined],
    ['192.0.2.2', [12_500, 13_250], 3, undefined],
    [undefined, [], 1, undefined],
    ['192.0.2.4', [1000, 1000, 2000], 3, undefined],
    [undefined, [], 1, undefined],
    ['fd00::6', [3500], 1, '!X'],
    ['192.0.2.9', [20_000], 1, undefined],
  ]);
  assert.deepEqual(
    hops[1]?.answers.map(({ ip }) => ip),
    ['192.0.2.2', '192.0.2.3'],
  );
  assert.ok(isDestinationReached);
});

test('no output makes it throw, or return gaps or more hops than requested', () => {
  const lines = fc.stringMatching(/^ ?\d{1,4} {1,2}[\d.:*a-f]{0,20} {0,2}[\d.]{0,9} ?(ms)?$/);
  fc.assert(
    fc.property(fc.array(fc.oneof(lines, fc.string())), (parts) => {
      const { hops } = readTracerouteOutput(parts.join('\n'), '10.0.0.1', 30);
      assert.ok(hops.length <= 30);
      hops.forEach((hop, at) => assert.equal(hop.ttl, at + 1));
    }),
  );
});
