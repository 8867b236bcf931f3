import assert from 'node:assert/strict';
import { test } from 'vitest';
import { readPingOutput } from './ping-output.ts';

const asked = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

const cases = [
  [
    'iputils',
    4,
    0,
    '64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.036 ms',
    { outcome: 'reply', rttMicros: 36, replyTtl: 64 },
  ],
  [
    'BusyBox',
    4,
    0,
    '64 bytes from 192.0.2.1: seq=0 ttl=63 time=1.204 ms',
    { outcome: 'reply', rttMicros: 1204, replyTtl: 63 },
  ],
  [
    'macOS IPv6',
    6,
    0,
    '16 bytes from 2001:db8::1, icmp_seq=0 hlim=64 time=0.1 ms',
    { outcome: 'reply', rttMicros: 100, replyTtl: 64 },
  ],
  [
    'Windows',
    4,
    0,
    'Reply from 192.0.2.1: bytes=32 time<1ms TTL=128',
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
  [
    'a reply cut off before its time',
    4,
    0,
    '16 bytes from 192.0.2.1: icmp_seq=1 ttl=57 (truncated)\n\n1 packets transmitted, 1 received, 0% packet loss, time 0ms',
    { outcome: 'reply', rttMicros: 4000, replyTtl: 57 },
  ],
  [
    'a reply cut off behind its time',
    4,
    0,
    '24 bytes from 192.0.2.1: icmp_seq=1 ttl=57 time=0.102 ms (truncated)',
    { outcome: 'reply', rttMicros: 102, replyTtl: 57 },
  ],
  [
    'a reply from another address',
    4,
    0,
    '64 bytes from 192.0.2.9: icmp_seq=1 ttl=64 time=0.036 ms (DIFFERENT ADDRESS!)',
    { outcome: 'timeout' },
  ],
  [
    'a cut-off reply from another address',
    6,
    0,
    '16 bytes from 2001:db8::9: icmp_seq=1 ttl=64 (truncated) (DIFFERENT ADDRESS!)',
    { outcome: 'timeout' },
  ],
  [
    'a redirect before the reply',
    4,
    0,
    'From 192.0.2.254: icmp_seq=1 Redirect Host(New nexthop: 192.0.2.253)\n64 bytes from 192.0.2.1: icmp_seq=1 ttl=63 time=1.5 ms',
    { outcome: 'reply', rttMicros: 1500, replyTtl: 63 },
  ],
  [
    'a redirect alone',
    4,
    1,
    'From 192.0.2.254: icmp_seq=1 Redirect Host(New nexthop: 192.0.2.253)',
    { outcome: 'timeout' },
  ],
  [
    'another language',
    4,
    0,
    'Antwort von 192.0.2.1: Bytes=32 Zeit=12ms TTL=57\n    Minimum = 12ms, Maximum = 12ms, Mittelwert = 12ms',
    { outcome: 'reply', rttMicros: 12_000, replyTtl: 57 },
  ],
  [
    'a refusal by the host itself',
    4,
    0,
    'Reply from 192.0.2.1: Destination port unreachable.',
    { outcome: 'unreachable', icmpType: 3, icmpCode: 3 },
  ],
  [
    'a path that is too narrow',
    4,
    1,
    'From 192.0.2.254 icmp_seq=1 Frag needed and DF set (mtu = 1400)',
    { outcome: 'unreachable', icmpType: 3, icmpCode: 4 },
  ],
  [
    'an IPv6 path that is too narrow',
    6,
    1,
    'From 2001:db8::fe icmp_seq=1 Packet too big: mtu=1400',
    { outcome: 'unreachable', icmpType: 2, icmpCode: 0 },
  ],
  [
    'an option that the program does not have',
    4,
    1,
    'ping: unrecognized option: M\nBusyBox v1.36.1 multi-call binary.\n\nUsage: ping [OPTIONS] HOST',
    { outcome: 'not-sent', errno: 22 },
  ],
  ['something else', 4, 2, 'ping: surprise', { outcome: 'not-sent', errno: 5 }],
] as const;

test.for(cases)('%s is understood', ([, family, exitCode, text, expected]) => {
  assert.deepEqual(readPingOutput(text, exitCode, { ip: asked[family], family, elapsedMicros: 4000 }), expected);
});
