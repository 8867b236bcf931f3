import assert from 'node:assert/strict';
import { test } from 'vitest';
import { readPingOutput } from './ping-output.ts';

const cases = [
  [
    'iputils',
    4,
    0,
    '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.036 ms',
    { outcome: 'reply', rttMicros: 36, replyTtl: 64 },
  ],
  [
    'BusyBox',
    4,
    0,
    '64 bytes from 10.0.0.1: seq=0 ttl=63 time=1.204 ms',
    { outcome: 'reply', rttMicros: 1204, replyTtl: 63 },
  ],
  [
    'macOS IPv6',
    6,
    0,
    '16 bytes from ::1, icmp_seq=0 hlim=64 time=0.1 ms',
    { outcome: 'reply', rttMicros: 100, replyTtl: 64 },
  ],
  [
    'Windows',
    4,
    0,
    'Reply from 10.0.0.1: bytes=32 time<1ms TTL=128',
    { outcome: 'reply', rttMicros: 1000, replyTtl: 128 },
  ],
  ['silence', 4, 1, '1 packets transmitted, 0 received, 100% packet loss, time 0ms', { outcome: 'timeout' }],
  [
    'a refusal',
    4,
    1,
    'From 10.0.0.2 icmp_seq=1 Destination Host Unreachable',
    { outcome: 'unreachable', icmpType: 3, icmpCode: 1 },
  ],
  [
    'an IPv6 refusal',
    6,
    1,
    'From fd00::2 icmp_seq=1 Destination unreachable: Address unreachable',
    { outcome: 'unreachable', icmpType: 1, icmpCode: 3 },
  ],
  ['no route of ours', 4, 2, 'ping: connect: Network is unreachable', { outcome: 'not-sent', errno: 101 }],
  [
    'no permission',
    4,
    2,
    'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted',
    { outcome: 'not-sent', errno: 1 },
  ],
  ['something else', 4, 2, 'ping: surprise', { outcome: 'not-sent', errno: 5 }],
] as const;

test.for(cases)('%s is understood', ([, family, exitCode, text, expected]) => {
  assert.deepEqual(readPingOutput(text, exitCode, family), expected);
});
