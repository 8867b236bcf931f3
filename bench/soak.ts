// The whole product on real input: 300 loopback targets at 1 Hz, every result in SQLite, counted afterwards.
// npm run bench:soak -- [seconds]; beside it, fping probes the same addresses.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Caller, logIn, startServer, temporaryFolder } from '../test/e2e/server.ts';

const seconds = Number(process.argv[2] ?? 600);
const ticksPerSecond = 100;
const addresses = ['::1', ...Array.from({ length: 299 }, (_, index) => `127.1.${index >> 7}.${(index & 127) + 1}`)];

interface Usage {
  readonly cpuSeconds: number;
  readonly residentMebibytes: number;
}

function usageOf(pid: number | undefined): Usage {
  const fields = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  const kibibytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentMebibytes: kibibytes / 1024,
  };
}

async function addTargets(call: Caller): Promise<void> {
  const form = new FormData();
  form.set('file', new Blob([`ip\n${addresses.join('\n')}\n`]), 'targets.csv');
  const { created } = (await call('POST', '/targets/import', form)).json as { created: number };
  if (created !== addresses.length) throw new Error(`only ${created} targets were created`);
}

interface Count {
  readonly stored: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly gaps: number;
}

/** Every stored result by way of the export: lost ones, times that come twice, slots without a result. */
async function countResults(call: Caller): Promise<Count> {
  const count = { stored: 0, lost: 0, duplicated: 0, gaps: 0 };
  for (const { id } of (await call('GET', '/targets')).json as { id: number }[]) {
    const rows = (await call('GET', `/targets/${id}/logs/export`)).text.trim().split('\n').slice(1);
    let previous: number | undefined;
    for (const row of rows) {
      const at = Date.parse(row.slice(0, 24));
      count.stored++;
      if (row.endsWith(',1')) count.lost++;
      if (at === previous) count.duplicated++;
      else if (previous !== undefined) count.gaps += Math.round((at - previous) / 1000) - 1;
      previous = at;
    }
  }
  return count;
}

await using folder = await temporaryFolder();
await using server = await startServer(folder.path);
const call = await logIn(server.url);
await addTargets(call);
const fping = spawn('fping', ['-l', '-q', '-p', '1000', ...addresses], { stdio: 'ignore' });
await delay(2000);
const before = { ours: usageOf(server.process.pid), fping: usageOf(fping.pid), at: performance.now() };
let largest = 0;
while (performance.now() - before.at < seconds * 1000) {
  await delay(1000);
  largest = Math.max(largest, usageOf(server.process.pid).residentMebibytes);
}
const after = { ours: usageOf(server.process.pid), fping: usageOf(fping.pid) };
const { text: metrics } = await call('GET', '/metrics');
fping.kill('SIGINT');
const { code, millis } = await server.stop();
// Started again only to read: nothing is probed, so nothing is added.
await using again = await startServer(folder.path, { PROBE_DENY: '127.0.0.0/8,::1/128' });
const count = await countResults(await logIn(again.url));
const size = readdirSync(folder.path).reduce((sum, name) => sum + statSync(`${folder.path}/${name}`).size, 0);

const metric = (name: string): number => Number(new RegExp(`^${name} ([\\d.e+-]+)`, 'm').exec(metrics)?.[1]);
const coreShare = (name: 'ours' | 'fping'): string =>
  `${((100 * (after[name].cpuSeconds - before[name].cpuSeconds)) / seconds).toFixed(2)} % of a core`;
const lines = [
  ['targets', `${addresses.length} at 1 Hz for ${seconds} s (${addresses.length * seconds} probes)`],
  [
    'stored',
    `${count.stored}; lost ${count.lost}, duplicated ${count.duplicated}, slots without a result ${count.gaps}`,
  ],
  ['CPU, all threads', `${coreShare('ours')} (fping beside it, storing nothing: ${coreShare('fping')})`],
  ['memory', `${after.ours.residentMebibytes.toFixed(0)} MiB at the end, ${largest.toFixed(0)} MiB at the most`],
  ['send lateness', `p99 ${(metric('pingmedaddy_send_lateness_p99_seconds') * 1000).toFixed(2)} ms`],
  ['stop on SIGTERM', `exit code ${code ?? 'none'} after ${millis.toFixed(0)} ms`],
  ['database', `${(size / 1024 / 1024).toFixed(2)} MiB with all files, not yet sealed`],
] as const;
for (const [name, value] of lines) process.stdout.write(`${name.padEnd(18)} ${value}\n`);
