import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { plainPacket } from '../../src/core/target/probe-packet.ts';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

const isMtuSkipped = isSkipped('probes larger than the path MTU', 'root', 'ip netns', 'ping');
const large = { ...plainPacket, payloadBytes: 1400 };
const whole = { ...large, dontFragment: true };
const hosts = ['10.78.0.2', 'fd78::2'];

describe.skipIf(isMtuSkipped)('behind a router whose next link takes 1,300 bytes', () => {
  const network = new TestNetwork();
  beforeAll(() => {
    // The kernel forgets the path's MTU after a second, and so several times in a run.
    network.add('a', 'net.ipv4.ping_group_range=0 2147483647');
    network.exec('a', 'sysctl', '-qw', 'net.ipv4.route.mtu_expires=1', 'net.ipv6.route.mtu_expires=1');
    network.add('r', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    network.exec('r', 'sysctl', '-qw', 'net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0');
    network.add('b');
    network.join('a', ['10.77.0.1/30', 'fd77::1/64'], 'r', ['10.77.0.2/30', 'fd77::2/64']);
    network.join('r', ['10.78.0.1/30', 'fd78::1/64'], 'b', ['10.78.0.2/30', 'fd78::2/64']);
    network.ip('r', 'link set to-b mtu 1300');
    network.ip('b', 'link set to-r mtu 1300');
    network.ip('a', 'route add 10.78.0.0/30 via 10.77.0.2');
    network.ip('a', '-6 route add fd78::/64 via fd77::2');
    network.ip('b', 'route add 10.77.0.0/30 via 10.78.0.1');
    network.ip('b', '-6 route add fd77::/64 via fd78::1');
    network.warmUp('a', ...hosts);
  });
  afterAll(() => network.remove());

  test.for([
    { method: 'raw-socket', seconds: 4, user: 'root' },
    { method: 'ping-socket', seconds: 4, user: 'nobody' },
    { method: 'system-ping', seconds: 3, user: 'root' },
  ] as const)(
    '$method: probes are fragmented and all answered, unless that is forbidden',
    async ({ method, seconds, user }) => {
      // One that comes more often than the MTU is forgotten, one that comes less often.
      const targets = hosts.flatMap((ip) => [
        { ip, packet: large, intervalMillis: 200 },
        { ip, packet: large, intervalMillis: 1300 },
        { ip, packet: whole, intervalMillis: 500 },
      ]);
      const { outcomes, counters } = await network.probe('a', { methods: [method], targets, seconds }, user);
      const seen = targets.map((_, at) => Object.keys(outcomes[String(at + 1)] ?? {}));
      assert.deepEqual(seen, [
        ...[['reply'], ['reply'], [`2:${3 * 256 + 4}`]],
        ...[['reply'], ['reply'], [`2:${2 * 256}`]],
      ]);
      assert.deepEqual([counters.timeouts, counters.notSent, counters.duplicates, counters.wrongReplies], [0, 0, 0, 0]);
      assert.equal(counters.sent, counters.replies + counters.unreachable);
    },
  );
});
