// The whole product on real input: 300 loopback targets at 1 Hz, every result in SQLite, counted afterwards.
// npm run bench:soak -- [seconds] [targets], or -- --database URL (soak-database.ts); beside it, fping probes the same addresses, of a thousand at most.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { logIn, startServer, temporaryFolder } from '../test/e2e/server.ts';
import { soakOnDatabase } from './soak-database.ts';
import type { Usage } from './probed-fleet.ts';
import { addTargets, countResults, loopbackAddresses, metricIn, usageOf } from './probed-fleet.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    database: { type: 'string' },
    flavour: { type: 'string', default: 'auto' },
    minutes: { type: 'string', default: '30' },
    targets: { type: 'string', default: '10000' },
    'stop-minutes': { type: 'string' },
    'stop-command': { type: 'string', default: '' },
    'start-command': { type: 'string', default: '' },
  },
});
if (options.database !== undefined) {
  const { 'stop-minutes': away, 'stop-command': stopCommand, 'start-command': startCommand } = options;
  await soakOnDatabase({
    database: options.database,
    flavour: options.flavour,
    minutes: Number(options.minutes),
    targets: Number(options.targets),
    stop: away === undefined ? undefined : { minutes: Number(away), stopCommand, startCommand },
  });
  process.exit(0);
}
const seconds = Number(positionals[0] ?? 600);
const targets = Number(positionals[1] ?? 300);
const addresses = ['::1', ...loopbackAddresses(targets - 1)];
const fpingMost = 1000;

await using folder = await temporaryFolder();
await using server = await startServer(folder.path);
const call = await logIn(server.url);
await addTargets(call, addresses);
const fping =
  targets > fpingMost ? undefined : spawn('fping', ['-l', '-q', '-p', '1000', ...addresses], { stdio: 'ignore' });
await delay(targets > fpingMost ? 20_000 : 2000);
const usages = (): { readonly ours: Usage; readonly fping: Usage | undefined } => ({
  ours: usageOf(server.process.pid),
  fping: fping === undefined ? undefined : usageOf(fping.pid),
});
const before = { ...usages(), at: performance.now() };
/** Resident memory and open file descriptors, each second. */
const samples: { readonly memory: number; readonly descriptors: number }[] = [];
while (performance.now() - before.at < seconds * 1000) {
  await delay(1000);
  const descriptors = readdirSync(`/proc/${server.process.pid}/fd`).length;
  samples.push({ memory: usageOf(server.process.pid).residentMebibytes, descriptors });
}
/** Averages of equal parts: what keeps growing grows from part to part; the running hour's results come and go with it. */
const course = (of: (sample: (typeof samples)[number]) => number, parts = 10): string => {
  const length = Math.ceil(samples.length / parts);
  const means = Array.from({ length: parts }, (_, index) => {
    const own = samples.slice(index * length, (index + 1) * length).map(of);
    return (own.reduce((sum, each) => sum + each, 0) / own.length).toFixed(0);
  });
  return `${means.join(' ')} on average in each tenth; ${Math.max(...samples.map(of)).toFixed(0)} at the most`;
};
const after = usages();
const { text: metrics } = await call('GET', '/metrics');
fping?.kill('SIGINT');
const { code, millis } = await server.stop();
// Started again only to read: nothing is probed, so nothing is added.
await using again = await startServer(folder.path, { PROBE_DENY: '127.0.0.0/8,::1/128' });
const count = await countResults(await logIn(again.url));
const size = readdirSync(folder.path).reduce((sum, name) => sum + statSync(`${folder.path}/${name}`).size, 0);

const coreShare = (earlier: Usage, later: Usage): string =>
  `${((100 * (later.cpuSeconds - earlier.cpuSeconds)) / seconds).toFixed(2)} % of a core`;
const beside =
  before.fping === undefined || after.fping === undefined
    ? ''
    : ` (fping beside it, storing nothing: ${coreShare(before.fping, after.fping)})`;
const lines = [
  ['targets', `${addresses.length} at 1 Hz for ${seconds} s (${addresses.length * seconds} probes)`],
  [
    'stored',
    `${count.stored}; lost ${count.lost}, duplicated ${count.duplicated}, slots without a result ${count.gaps}`,
  ],
  ['CPU, all threads', `${coreShare(before.ours, after.ours)}${beside}`],
  ['memory', `MiB: ${course(({ memory }) => memory)}`],
  ['file descriptors', course(({ descriptors }) => descriptors)],
  ['send lateness', `p99 ${(metricIn(metrics, 'pingmedaddy_send_lateness_p99_seconds') * 1000).toFixed(2)} ms`],
  ['stop on SIGTERM', `exit code ${code ?? 'none'} after ${millis.toFixed(0)} ms`],
  ['database', `${(size / 1024 / 1024).toFixed(2)} MiB with all files, not yet sealed`],
] as const;
for (const [name, value] of lines) process.stdout.write(`${name.padEnd(18)} ${value}\n`);
