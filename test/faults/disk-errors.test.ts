import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { addTargets, loopbackAddresses, metricIn } from '../../bench/probed-fleet.ts';
import { logIn, startServer, temporaryFolder, until } from '../e2e/server.ts';
import { isSkipped, programPath } from '../netns/requirements.ts';
import { often } from './long.ts';
import { assertWhole } from './whole.ts';

test.skipIf(isSkipped('a disk that answers EIO', 'strace'))(
  'a disk whose syncs fail costs no result: nothing is called stored that is not, and all is stored once it works again',
  async () => {
    await using folder = await temporaryFolder();
    const trace = join(folder.path, 'trace');
    // The system calls themselves fail, of the database as of the spool; those of the start do not.
    const failing = `inject=fsync,fdatasync:error=EIO:when=40..${often(47, 90)}`;
    const strace = [
      programPath('strace') ?? '',
      '-D',
      '-f',
      '-qq',
      '-o',
      trace,
      '-e',
      'trace=fsync,fdatasync',
      '-e',
      failing,
    ];
    {
      await using server = await startServer(folder.path, {}, strace);
      const call = await logIn(server.url);
      await addTargets(call, loopbackAddresses(50));
      const injected = (): number => readFileSync(trace, 'utf8').split('(INJECTED)').length - 1;
      await until('the first sync fails', async () => injected() > 0, 60_000);
      await until('it is said', async () => (await call('GET', '/readyz')).json.status === 'failing', 60_000);
      await until('all of them have failed', async () => injected() >= often(8, 51), 300_000);
      const stored = async (): Promise<boolean> => {
        const { text } = await call('GET', '/metrics');
        const waiting = metricIn(text, 'pingmedaddy_results_pending') + metricIn(text, 'pingmedaddy_results_spooled');
        return (await call('GET', '/readyz')).json.status === 'ok' && waiting < 200;
      };
      await until('everything is stored', stored, 60_000);
      assert.ok(
        server.log.some((line) => /The storage does not take results, they wait/.test(line)),
        server.log.join('\n'),
      );
    }
    await assertWhole(folder.path, 500);
  },
  often(180_000, 600_000),
);
