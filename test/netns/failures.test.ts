import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

const isFailuresSkipped = isSkipped('refusals and failed sends between namespaces', 'root', 'ip netns', 'nft', 'ping');
const innocentCount = 500;
// Outcome and detail: 2 is unreachable with ICMP type × 256 + code, 3 is not sent with the errno.
const hostUnreachable = `2:${3 * 256 + 1}`;
const noRouteThere = '2:256';
const netUnreachable = '3:101';
const notPermitted = '3:1';

describe.skipIf(isFailuresSkipped)('among 500 healthy targets', () => {
  const network = new TestNetwork();
  beforeAll(() => {
    network.add('a', 'net.ipv4.ping_group_range=0 2147483647');
    network.add('b', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    // Linux refuses aloud only once a second, which would leave some of our probes without an answer.
    for (const limit of ['ipv4.icmp_ratelimit', 'ipv6.icmp.ratelimit']) {
      network.exec('b', 'sysctl', '-qw', `net.${limit}=0`);
    }
    network.join('a', ['10.77.0.1/30', 'fd77::1/64'], 'b', ['10.77.0.2/30', 'fd77::2/64']);
    network.ip('a', 'route add 10.78.0.0/15 via 10.77.0.2');
    network.ip('a', '-6 route add fd78::/32 via fd77::2');
    network.ip('b', 'route add local 10.78.0.0/16 dev lo');
    network.ip('b', 'route add unreachable 10.79.0.0/16');
    network.ip('b', '-6 route add unreachable fd78::/32');
    network.warmUp('a', '10.77.0.2', 'fd77::2');
    network.nft(
      'a',
      `table inet test {
        chain out {
          type filter hook output priority 0;
          ip daddr 10.78.255.1 drop
        }
      }`,
    );
  });
  afterAll(() => network.remove());

  test.for(['raw-socket', 'ping-socket'] as const)('%s: one bad address affects no other', async (method) => {
    const innocents = Array.from({ length: innocentCount }, (_, index) => `10.78.${index >> 8}.${index & 255}`);
    const bad = ['10.79.0.1', '10.200.0.1', '10.78.255.1', 'fd78::1', 'fd99::1'];
    const targets = [...innocents, ...bad].map((ip) => ({ ip, intervalMillis: 1000 }));
    const { counters, outcomes, status } = await network.probe('a', { methods: [method], targets, seconds: 4 });
    assert.deepEqual([status.ipv4, status.ipv6], [method, method]);
    const keysOf = (id: number): readonly string[] => Object.keys(outcomes[String(id)] ?? {});
    for (let id = 1; id <= innocentCount; id++) assert.deepEqual(keysOf(id), ['reply'], `target ${id}`);
    const [refused, noRoute, filtered, refusedIpv6, noRouteIpv6] = bad.map((_, at) => keysOf(innocentCount + 1 + at));
    assert.deepEqual(refused, [hostUnreachable]);
    assert.deepEqual(noRoute, [netUnreachable]);
    assert.deepEqual(filtered, [notPermitted]);
    assert.deepEqual(refusedIpv6, [noRouteThere]);
    assert.deepEqual(noRouteIpv6, [netUnreachable]);
    assert.equal(counters.timeouts + counters.wrongReplies + counters.duplicates, 0);
  });

  test('ping sockets lose nothing at 5,000 probes a second, with exact TTLs and round trips', async () => {
    const targets = Array.from({ length: 1000 }, (_, index) => ({
      ip: `10.78.${index >> 8}.${index & 255}`,
      intervalMillis: 200,
    }));
    const { counters, rttsMicros } = await network.probe('a', { methods: ['ping-socket'], targets, seconds: 3 });
    assert.ok(counters.sent > 10_000 && counters.replies === counters.sent, JSON.stringify(counters));
    const rtts = Object.values(rttsMicros)
      .flat()
      .sort((a, b) => a - b);
    assert.ok((rtts[Math.floor(rtts.length / 2)] ?? 0) < 200);
  });
});
