import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, test } from 'vitest';
import { startServer, temporaryFolder, until } from '../e2e/server.ts';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isFamilySkipped = isSkipped('a name on a machine of one family', 'root', 'ip netns');

test.skipIf(isFamilySkipped)(
  'a name with addresses of both families is probed over the family with a route',
  async () => {
    const opened = new TestNetwork();
    network = opened;
    opened.add('a');
    opened.add('b');
    opened.join('a', ['fd77::1/64'], 'b', ['fd77::2/64']);
    // `ip netns exec` puts this file in the place of /etc/hosts.
    const folder = `/etc/netns/${opened.nameOf('a')}`;
    mkdirSync(folder, { recursive: true });
    try {
      writeFileSync(`${folder}/hosts`, '127.0.0.1 localhost\n192.0.2.1 both.test\nfd77::2 both.test\n');
      await using home = await temporaryFolder();
      await using server = await startServer(home.path, {}, opened.inside('a'));
      const within = async (...args: readonly string[]): Promise<any> => {
        const environment = [
          `HOME=${home.path}`,
          `PMD_URL=${server.url}`,
          'PMD_USERNAME=admin',
          'PMD_PASSWORD=changeme',
        ];
        const command = ['env', ...environment, process.execPath, 'src/main.ts', ...args, '--json'];
        return JSON.parse((await opened.execAsync('a', ...(command as [string, ...string[]]))).stdout);
      };
      assert.equal((await within('ping', 'both.test')).ip, 'fd77::2');
      const { id } = await within('target', 'add', 'both.test', '--frequency', '0.1');
      assert.equal((await within('target', 'show', String(id))).ip, 'fd77::2');
      await until('replies', async () => (await within('target', 'logs', String(id))).length > 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
