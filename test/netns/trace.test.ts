import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Path } from '../../src/core/path/path.ts';
import { buildChain, silence } from './chain.ts';
import { TestNetwork } from './network.ts';
import { isSkipped, programPath } from './requirements.ts';

const routerCount = 6;
const silent = 4;
/** Rounds start a second apart, because routers answer once a second. */
const secondRoundMillis = 1000;
const isChainSkipped = isSkipped('traces through a chain of routers', 'root', 'ip netns', 'nft', 'ping', 'traceroute');

const request = (ip: string) => ({ ip, maxHops: 30, timeoutMillis: 6000, rounds: 1, isNamed: true, silentTtls: [] });
const hopsOf = (path: Path | undefined) => path?.hops.map((hop) => hop.ip ?? '*');
const expectedIpv4 = ['10.88.1.2', '10.88.2.2', '10.88.3.2', '*', '10.88.5.2', '10.88.6.2', '10.88.7.2'];
const expectedIpv6 = ['fd88:1::2', 'fd88:2::2', 'fd88:3::2', '*', 'fd88:5::2', 'fd88:6::2', 'fd88:7::2'];

describe.skipIf(isChainSkipped)('through six routers, the fourth silent', () => {
  const network = new TestNetwork();
  beforeAll(() => {
    buildChain(network, routerCount + 1);
    silence(network, `n${silent}`);
  });
  afterAll(() => network.remove());

  test.for(['raw-socket', 'ping-socket'] as const)('%s traces both families hop by hop', async (method) => {
    const traces = [request('10.88.7.2'), request('fd88:7::2')];
    const { paths, status } = await network.probe('n0', { methods: [method], traces });
    assert.deepEqual([status.ipv4, status.ipv6], [method, method]);
    assert.deepEqual(hopsOf(paths[0]), expectedIpv4);
    assert.deepEqual(hopsOf(paths[1]), expectedIpv6);
    for (const path of paths) {
      assert.ok(path.isDestinationReached);
      for (const hop of path.hops) {
        assert.equal(hop.rttMicros === undefined, hop.ttl === silent);
        assert.equal(hop.host, hop.ip === undefined ? undefined : `name-of-${hop.ip}`);
        const tookMicros = (path.finishedAt - path.startedAt + 1) * 1000;
        assert.ok((hop.rttMicros ?? 1) <= tookMicros, `hop ${hop.ttl}: ${hop.rttMicros} of ${tookMicros} µs`);
      }
    }
  });

  test('an unused address ends in silence or at the router that refuses it', async () => {
    const traces = [{ ...request('10.88.7.99'), maxHops: 12 }];
    const { paths } = await network.probe('n0', { traces });
    assert.ok(!paths[0]?.isDestinationReached);
    assert.deepEqual(hopsOf(paths[0])?.slice(0, 6), expectedIpv4.slice(0, 6));
  });

  test.for(['raw-socket', 'ping-socket'] as const)(
    '%s: a dead host is marked, at the router or at this machine that finds no neighbour',
    async (method) => {
      const there = ['10.88.2.99', 'fd88:2::99'];
      const here = ['10.88.1.99', 'fd88:1::99'];
      const traces = [...there, ...here].map((ip) => ({ ...request(ip), maxHops: 6 }));
      const { paths } = await network.probe('n0', { methods: [method], traces });
      const seen = paths.map(({ hops }) =>
        hops.map(({ ip, mark }) => `${ip ?? '*'}${mark === undefined ? '' : ` ${mark}`}`),
      );
      assert.deepEqual(seen, [['10.88.1.2', '10.88.1.2 !H'], ['fd88:1::2', 'fd88:1::2 !H'], ['* !H'], ['* !H']]);
      for (const { isDestinationReached } of paths) assert.ok(!isDestinationReached);
      assert.deepEqual([paths[2]?.hops[0]?.rttMicros, paths[2]?.hops[0]?.answers], [undefined, []]);
    },
  );

  test('a trace with no silent hop does not wait for a second round', async () => {
    const { paths } = await network.probe('n0', { traces: [request('10.88.3.2')] });
    const [path] = paths;
    assert.deepEqual(hopsOf(path), expectedIpv4.slice(0, 3));
    assert.ok(path !== undefined && path.finishedAt - path.startedAt < secondRoundMillis);
  });

  test('an external traceroute gives the same path', async () => {
    const tracerouteBinary = programPath('traceroute') ?? '';
    const traces = [request('10.88.7.2'), request('fd88:7::2')];
    const { paths } = await network.probe('n0', { tracerouteBinary, traces });
    assert.deepEqual(hopsOf(paths[0]), expectedIpv4);
    assert.deepEqual(hopsOf(paths[1]), expectedIpv6);
  });
});

describe.skipIf(isSkipped('traces over routers that share the load', 'root', 'ip netns', 'ping'))(
  'over routers that balance the load by flow, the second of which quotes MPLS labels',
  () => {
    const network = new TestNetwork();
    const targets = ['10.79.200.9', 'fd79:200::9'];
    const mplsLabels = [
      { label: 24_001, trafficClass: 5, isBottom: false, ttl: 1 },
      { label: 1_048_575, trafficClass: 0, isBottom: true, ttl: 64 },
    ];
    beforeAll(async () => {
      network.add('a', 'net.ipv4.ping_group_range=0 2147483647');
      network.add('b');
      network.join('a', ['10.79.0.1/30', 'fd79::1/64'], 'b', ['10.79.0.2/30', 'fd79::2/64']);
      network.ip('a', 'route add 10.79.0.0/16 via 10.79.0.2');
      network.ip('a', '-6 route add fd79::/16 via fd79::2');
      network.ip('b', 'route add blackhole 10.79.200.0/24');
      network.ip('b', '-6 route add blackhole fd79:200::/32');
      network.warmUp('a', '10.79.0.2', 'fd79::2');
      await network.start('b', 'ecmp-responder.ts');
    });
    afterAll(() => network.remove());

    test.for(['raw-socket', 'ping-socket'] as const)(
      '%s: all probes take one path, labels are read',
      async (method) => {
        const traces = targets.map((ip) => ({ ...request(ip), rounds: 3 }));
        const { paths, status } = await network.probe('a', { methods: [method], traces });
        assert.deepEqual([status.ipv4, status.ipv6], [method, method]);
        paths.forEach((path, index) => {
          assert.equal(path.hops.length, 3);
          assert.equal(path.hops[2]?.ip, targets[index]);
          for (const { answers } of path.hops) {
            assert.equal(answers.length, 3);
            assert.equal(new Set(answers.map(({ ip }) => ip)).size, 1);
          }
          assert.deepEqual(path.hops[0]?.answers[0]?.mplsLabels, []);
          assert.deepEqual(path.hops[1]?.answers[0]?.mplsLabels, mplsLabels);
        });
      },
    );

    test('raw sockets trace one address over the same path every time', async () => {
      const runs = [];
      for (let run = 0; run < 3; run++) runs.push(await network.probe('a', { traces: targets.map(request) }));
      const ways = new Set(runs.map(({ paths }) => JSON.stringify(paths.map(hopsOf))));
      assert.equal(ways.size, 1);
    });
  },
);
