import { afterEach, expect, test } from 'vitest';
import { startServer, temporaryFolder } from '../e2e/server.ts';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isCapabilitySkipped = isSkipped('a start without any way to probe', 'root', 'ip netns');
const dropped = ['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw'];

// A new namespace allows ping sockets to nobody.
test.skipIf(isCapabilitySkipped)('without any way to probe the start is refused, with a remedy', async () => {
  network = new TestNetwork();
  network.add('bare');
  await using folder = await temporaryFolder();
  const within = [...network.inside('bare'), ...dropped, 'env', 'PATH=/nonexistent'];
  await expect(startServer(folder.path, {}, within)).rejects.toThrow(
    /pmd: Probing IPv4 and IPv6 with nothing.* set `sudo sysctl -w net\.ipv4\.ping_group_range=.* or `sudo setcap/,
  );
});
