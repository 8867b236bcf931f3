// The database fails while everything is probed: what is lost, how fast the backlog is stored, whether probing notices.
// npm run bench:outage -- [--targets 1000] [--seconds 120] [--freeze]
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/database-servers.ts';
import { logIn, startServer, temporaryFolder } from '../test/e2e/server.ts';
import { addTargets, countResults, loopbackAddresses, metricIn } from './probed-fleet.ts';

const { values: options } = parseArgs({
  options: {
    targets: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '120' },
    /** SIGSTOP instead of a stop: connections stay open and nobody answers. */
    freeze: { type: 'boolean', default: false },
  },
});
const [targets, seconds] = [Number(options.targets), Number(options.seconds)];
const print = (name: string, value: string): void => void process.stdout.write(`${name.padEnd(26)} ${value}\n`);

await using folder = await temporaryFolder();
await using postgres = await startPostgres();
const address = await postgres.newDatabase();
await using server = await startServer(folder.path, { DATABASE_URL: address });
const call = await logIn(server.url);
await addTargets(call, loopbackAddresses(targets));
const lateness = async (): Promise<number> =>
  metricIn((await call('GET', '/metrics')).text, 'pingmedaddy_send_lateness_p99_seconds') * 1000;
const waiting = async (): Promise<number> => {
  const { text } = await call('GET', '/metrics');
  return metricIn(text, 'pingmedaddy_results_pending') + metricIn(text, 'pingmedaddy_results_spooled');
};

/** The largest of the 99th percentiles of 10 s each. */
async function watchLateness(forSeconds: number): Promise<number> {
  let worst = 0;
  for (let passed = 0; passed < forSeconds; passed += 10) {
    await delay(10_000);
    worst = Math.max(worst, await lateness());
  }
  return worst;
}

await delay(5000);
print('targets', `${targets} at 1 Hz; PostgreSQL ${options.freeze ? 'frozen' : 'stopped'} for ${seconds} s`);
print('send lateness before', `p99 ${(await watchLateness(30)).toFixed(2)} ms`);
if (options.freeze) signalAll(postgres.process.pid ?? 0, 'SIGSTOP');
else await postgres.stop();
print('send lateness without it', `p99 ${(await watchLateness(seconds)).toFixed(2)} ms`);
print('waiting results', String(await waiting()));
const backAt = performance.now();
if (options.freeze) signalAll(postgres.process.pid ?? 0, 'SIGCONT');
else await postgres.start();
while ((await waiting()) > 3 * targets) await delay(200);
print('made up for after', `${((performance.now() - backAt) / 1000).toFixed(1)} s`);
print('send lateness after', `p99 ${(await watchLateness(20)).toFixed(2)} ms`);
const { text: metrics } = await call('GET', '/metrics');
print('given up', String(metricIn(metrics, 'pingmedaddy_results_dropped_total')));
await server.stop();
// Started again only to read: nothing is probed, so nothing is added.
await using again = await startServer(folder.path, { DATABASE_URL: address, PROBE_DENY: '127.0.0.0/8' });
const count = await countResults(await logIn(again.url));
print('stored', `${count.stored}; lost ${count.lost}, duplicated ${count.duplicated}, slots missing ${count.gaps}`);

/** The server's process and its backends. */
function signalAll(pid: number, signal: NodeJS.Signals): void {
  for (const child of childrenOf(pid)) signalAll(child, signal);
  process.kill(pid, signal);
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}
