// Many readers at once, each asking once a second as a dashboard does: how long they wait, whether probing notices.
// npm run bench:readers -- [--readers 1000] [--seconds 60] [--targets 300]
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { logIn, startServer, temporaryFolder, until } from '../test/e2e/server.ts';
import { addTargets, countResults, loopbackAddresses, metricIn, usageOf } from './probed-fleet.ts';

const { values: options } = parseArgs({
  options: {
    readers: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    targets: { type: 'string', default: '300' },
  },
});
const [readers, seconds, targets] = [Number(options.readers), Number(options.seconds), Number(options.targets)];
const print = (name: string, value: string): void => void process.stdout.write(`${name.padEnd(26)} ${value}\n`);
const paths = ['/fleet', '/targets/7/insights?window_minutes=60', '/targets/8/logs?limit=100', '/targets'];

await using folder = await temporaryFolder();
{
  await using server = await startServer(folder.path);
  const call = await logIn(server.url);
  await addTargets(call, loopbackAddresses(targets));
  const { token } = (await call('POST', '/tokens', { name: 'readers' })).json as { token: string };
  const metric = async (name: string): Promise<number> =>
    metricIn((await call('GET', '/metrics')).text, `pingmedaddy_${name}`);
  await until('results', async () => (await metric('probes_sent_total')) > 12 * targets, 30_000);
  const lateBefore = await metric('send_lateness_p99_seconds');

  const agent = new Agent({ keepAlive: true });
  const ask = (path: string): Promise<number> =>
    new Promise((answered, failed) => {
      const headers = { authorization: `Bearer ${token}` };
      const sent = request(server.url + path, { agent, headers }, (response) => {
        response.resume();
        response.on('end', () => answered(response.statusCode ?? 0));
      });
      sent.on('error', failed);
      sent.end();
    });
  const millis = new Map<string, number[]>(paths.map((path) => [path, []]));
  const statuses = new Map<number, number>();
  const beginsAt = performance.now();
  const endsAt = beginsAt + seconds * 1000;
  /**
   * From the planned time, or the actual one if a timer is early: a reader who waits for the last answer is late with the next,
   * which counts.
   */
  const reader = async (index: number): Promise<void> => {
    for (let turn = 0; ; turn++) {
      const dueAt = beginsAt + (index / readers + turn) * 1000;
      if (dueAt >= endsAt) return;
      await delay(Math.max(0, dueAt - performance.now()));
      const from = Math.min(dueAt, performance.now());
      const path = paths[(index + turn) % paths.length] ?? '';
      const status = await ask(path);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      millis.get(path)?.push(performance.now() - from);
    }
  };
  const before = usageOf(server.process.pid).cpuSeconds;
  let lateMost = 0;
  const watching = (async () => {
    while (performance.now() < endsAt) {
      await delay(5000);
      lateMost = Math.max(lateMost, await metric('send_lateness_p99_seconds'));
    }
  })();
  await Promise.all([...Array.from({ length: readers }, (_, index) => reader(index)), watching]);
  const core = (100 * (usageOf(server.process.pid).cpuSeconds - before)) / seconds;
  agent.destroy();

  const all = [...millis.values()].flat();
  const row = (own: number[]): string => {
    const sorted = own.toSorted((a, b) => a - b);
    const quantile = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
    return `p50 ${quantile(0.5)}, p99 ${quantile(0.99)}, most ${quantile(1 - 1e-9)} ms`;
  };
  print('readers', `${readers} for ${seconds} s, ${targets} targets at 1 Hz: ${all.length} answers`);
  print('answers by status', [...statuses].map(([status, count]) => `${status}: ${count}`).join(', '));
  print('all', `${row(all)} (goal p99 250)`);
  for (const [path, own] of millis) print(`  ${path.split('?', 1)[0]}`, row(own));
  print(
    'send lateness p99',
    `${(lateBefore * 1000).toFixed(2)} ms before, ${(lateMost * 1000).toFixed(2)} at the most meanwhile`,
  );
  print('CPU, all threads', `${core.toFixed(0)} % of a core`);
}
await using again = await startServer(folder.path, { PROBE_DENY: '127.0.0.0/8' });
const { stored, lost, duplicated, gaps } = await countResults(await logIn(again.url));
print('results', `${stored} stored; lost ${lost}, duplicated ${duplicated}, slots without a result ${gaps}`);
