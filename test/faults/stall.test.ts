import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'vitest';
import { addTargets, loopbackAddresses, metricIn } from '../../bench/probed-fleet.ts';
import { logIn, startServer, temporaryFolder, until } from '../e2e/server.ts';
import { isSkipped, programPath } from '../netns/requirements.ts';
import { assertWhole } from './whole.ts';

const stallMillis = 5000;
const targets = 500;

test.skipIf(isSkipped('a main thread that stands still', 'root', 'strace'))(
  'a main thread that stalls for five seconds costs no result: each probe leaves on time and is stored',
  async () => {
    await using folder = await temporaryFolder();
    {
      await using server = await startServer(folder.path);
      const call = await logIn(server.url);
      const metric = async (name: string): Promise<number> =>
        metricIn((await call('GET', '/metrics')).text, `pingmedaddy_${name}`);
      await addTargets(call, loopbackAddresses(targets));
      await until('probes', async () => (await metric('probes_sent_total')) > 3 * targets);
      // Held inside a system call; the other threads of the process are not followed, and go on.
      const held = ['-e', 'trace=epoll_pwait', '-e', `inject=epoll_pwait:delay_enter=${stallMillis * 1000}:when=3`];
      const strace = spawn(programPath('strace') ?? '', ['-p', String(server.process.pid), ...held], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ended = once(strace, 'exit');
      await once(strace.stderr, 'data');
      strace.stderr.resume();
      let longest = 0;
      await until('the main thread stands still', async () => {
        const asked = performance.now();
        await call('GET', '/livez');
        longest = Math.max(longest, performance.now() - asked);
        return longest > stallMillis / 2;
      });
      strace.kill('SIGINT');
      await ended;
      const before = await metric('probes_sent_total');
      await until('probes after it', async () => (await metric('probes_sent_total')) > before + 3 * targets);
      assert.equal(await metric('probing_thread_restarts_total'), 0);
      assert.equal(await metric('probe_timeouts_total'), 0);
      assert.equal((await call('GET', '/readyz')).json.status, 'ok');
    }
    await assertWhole(folder.path, 10 * targets);
  },
  90_000,
);
