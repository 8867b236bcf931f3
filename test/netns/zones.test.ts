import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

const isZonesSkipped = isSkipped('link-local addresses on two interfaces', 'root', 'ip netns');
const [noSuchDevice, noZone, portClosed] = ['3:19', '3:89', `2:${255 * 256}`];

describe.skipIf(isZonesSkipped)('with the same link-local address on two interfaces', () => {
  const network = new TestNetwork();
  beforeAll(() => {
    network.add('a', 'net.ipv4.ping_group_range=0 2147483647');
    network.add('b');
    network.add('c', 'net.ipv6.icmp.echo_ignore_all=1');
    network.join('a', ['fe80::1/64'], 'b', ['fe80::2/64']);
    network.join('a', ['fe80::1/64'], 'c', ['fe80::2/64']);
    network.warmUp('a', 'fe80::2%to-b', 'fe80::2%to-c');
  });
  afterAll(() => network.remove());

  test.for([
    ['raw-socket', 'root'],
    ['ping-socket', 'nobody'],
  ] as const)('%s: the zone selects which of them is probed', async ([method, user]) => {
    const targets = [
      ...['fe80::2%to-b', 'fe80::2%to-c', 'fe80::2', 'fe80::2%nowhere'].map((ip) => ({ ip, intervalMillis: 200 })),
      { ip: 'fe80::2%to-b', probe: { kind: 'tcp', port: 7 } as const, intervalMillis: 200 },
    ];
    const traces = [{ ip: 'fe80::2%to-b', maxHops: 3, timeoutMillis: 3000, rounds: 1, isNamed: false, silentTtls: [] }];
    const run = { methods: [method], targets, traces, seconds: 2, timeoutMillis: 500 };
    const { outcomes, notices, paths } = await network.probe('a', run, user);
    const seen = targets.map((_, at) => Object.keys(outcomes[String(at + 1)] ?? {}));
    assert.deepEqual(seen, [['reply'], ['1:0'], [noZone], [noSuchDevice], [portClosed]]);
    assert.deepEqual([paths[0]?.isDestinationReached, paths[0]?.hops.map(({ ip }) => ip)], [true, ['fe80::2']]);
    assert.ok(notices.some((notice) => /^fe80::2 is not probed: .* needs a zone, as in fe80::1%eth0\.$/.test(notice)));
    assert.ok(notices.includes('fe80::2%nowhere is not probed: this machine has no such interface.'));
  });
});
