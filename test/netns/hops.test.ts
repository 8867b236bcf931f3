import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../e2e/server.ts';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';
import { startInside } from './server-inside.ts';

const routers = 34;
const near = '10.88.2.2';
const far = `10.88.${routers + 1}.2`;

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

/** n0 – n1 … n35: a server and, behind one router and behind 34, hosts that answer it. */
function buildLine(): TestNetwork {
  const net = new TestNetwork();
  network = net;
  const end = routers + 1;
  for (let node = 0; node <= end; node++) net.add(`n${node}`, 'net.ipv4.ip_forward=1');
  for (let link = 1; link <= end; link++) {
    net.join(`n${link - 1}`, [`10.88.${link}.1/24`], `n${link}`, [`10.88.${link}.2/24`]);
    if (link > 1) net.ip(`n${link}`, `route add 10.88.1.0/24 via 10.88.${link}.1`);
    net.ip(`n${link - 1}`, `route add default via 10.88.${link}.2`);
  }
  net.exec('n2', 'sysctl', '-qw', 'net.ipv4.ip_default_ttl=32');
  net.warmUp('n0', near, far);
  return net;
}

const isHopsSkipped = isSkipped('hops behind one router and behind 34', 'root', 'ip netns', 'ping');

describe.skipIf(isHopsSkipped)('hops', { timeout: 240_000 }, () => {
  test('are the same everywhere they are shown, by the initial TTL that the path supports, also after a restart', async () => {
    const net = buildLine();
    await using stack = new AsyncDisposableStack();
    const inside = await startInside(stack, net, 'n0');
    const { pmd, api, apiAll } = inside;
    const idOf = new Map<string, number>();
    for (const ip of [near, far]) idOf.set(ip, (await pmd('target', 'add', ip, '--frequency', '0.2')).id);

    /** As the fleet, the log, its export, the window and the CLI have them. */
    async function expectHops(ip: string, hops: number): Promise<void> {
      const id = idOf.get(ip) ?? 0;
      await until('a stored reply', async () => (await api(`/targets/${id}/logs?limit=1`)).json[0]?.hops >= 0);
      const history = `/targets/${id}`;
      const asked = ['/fleet', `${history}/logs?limit=1`, `${history}/logs/export`, `${history}/insights`];
      const [fleet, logs, csv, insights] = await apiAll(...asked);
      const row = fleet?.json.targets.find((each: { id: number }) => each.id === id);
      const exported = csv?.text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => Number(line.split(',')[4]));
      const all = { last: hops, min: hops, max: hops, most_frequent: hops };
      expect([row?.last_hops, logs?.json[0]?.hops, insights?.json.hops]).toEqual([hops, hops, all]);
      expect(new Set(exported)).toEqual(new Set([hops]));
      expect((await pmd('target', 'logs', String(id), '--limit', '1'))[0].hops).toBe(hops);
    }
    await expectHops(near, 1);
    // Nothing but the TTL of 30 is known, and 2 hops are likelier than 34.
    await expectHops(far, 2);

    for (const [ip, hops] of [
      [near, 1],
      [far, routers],
    ] as const) {
      await pmd('traceroute', String(idOf.get(ip)), '--max-hops', '64');
      const [trace] = (await api(`/targets/${idOf.get(ip)}/traceroutes?limit=1`)).json;
      expect(trace).toMatchObject({ is_destination_reached: true, hop_count: hops });
      await expectHops(ip, hops);
    }
    await inside.restart();
    await expectHops(near, 1);
    await expectHops(far, routers);
  });
});
