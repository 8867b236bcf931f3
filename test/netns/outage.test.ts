import { afterEach, expect, test } from 'vitest';
import { entry, startServer, temporaryFolder, until } from '../e2e/server.ts';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isOutageSkipped = isSkipped('an outage seen by the whole product', 'root', 'ip netns');

test.skipIf(isOutageSkipped)(
  'a host that goes silent is down, and its first reply afterwards is recovery',
  async () => {
    const net = new TestNetwork();
    network = net;
    net.add('server');
    net.add('host');
    net.join('server', ['10.77.0.1/30', 'fd77::1/64'], 'host', ['10.77.0.2/30', 'fd77::2/64']);
    await using folder = await temporaryFolder();
    await using server = await startServer(folder.path, { PING_TIMEOUT: '0.3' }, net.inside('server'));

    async function pmd(...args: readonly string[]): Promise<any> {
      const environment = [
        'PMD_USERNAME=admin',
        'PMD_PASSWORD=changeme',
        `PMD_URL=${server.url}`,
        `HOME=${folder.path}`,
      ];
      const { stdout } = await net.execAsync(
        'server',
        'env',
        ...environment,
        process.execPath,
        entry,
        ...args,
        '--json',
      );
      return JSON.parse(stdout);
    }
    const eventTypes = async (id: number): Promise<string[]> =>
      (await pmd('target', 'events', String(id))).map((event: { event_type: string }) => event.event_type);

    const ids: number[] = [];
    for (const ip of ['10.77.0.2', 'fd77::2']) ids.push((await pmd('target', 'add', ip, '--frequency', '0.1')).id);
    for (const id of ids) await until('replies', async () => (await pmd('target', 'logs', String(id))).length > 3);

    net.exec('host', 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1', 'net.ipv6.icmp.echo_ignore_all=1');
    for (const id of ids) await until('down', async () => (await eventTypes(id)).includes('down'));
    net.exec('host', 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=0', 'net.ipv6.icmp.echo_ignore_all=0');
    for (const id of ids) await until('recovery', async () => (await eventTypes(id)).includes('recovery'));

    for (const id of ids) {
      expect(await eventTypes(id)).toEqual(['recovery', 'down', 'start']);
      const logs: { packet_loss: boolean; latency_ms: number | null; hops: number | null }[] = await pmd(
        ...['target', 'logs', String(id), '--limit', '1000'],
      );
      const lost = logs.filter((entry) => entry.packet_loss);
      expect(lost.length).toBeGreaterThanOrEqual(5);
      for (const entry of lost) expect(entry).toMatchObject({ latency_ms: null, hops: null });
      const insights = await pmd('target', 'insights', String(id));
      expect(insights.loss_count).toBeGreaterThanOrEqual(5);
      expect(insights.uptime_percent).toBeLessThan(100);
    }
  },
);
