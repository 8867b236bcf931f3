// The cost of a probe, beside fping, ping and a plain C loop on the same addresses in the same run.
// npm run bench:probe -- [--targets 300,1000,10000,50000,100000] [--seconds 20] [--limit] [--tcp 300,1000,5000]; needs root, ip,
// fping and ping, and a C compiler for the loop. A namespace of its own answers for all addresses: nothing leaves the machine.
// `--limit`: the most that is sustained, ours and the loop's. `--tcp`: this many targets are probed by connecting to a port, and
// nothing else.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../test/e2e/server.ts';
import { TestNetwork } from '../test/netns/network.ts';
import { isSkipped, programPath } from '../test/netns/requirements.ts';
import { addressBlock } from './address-block.ts';
import type { ProbeCost, ProbeRunRequest } from './probe-run.ts';

const { values: options } = parseArgs({
  options: {
    targets: { type: 'string', default: '300,1000,10000,50000,100000' },
    seconds: { type: 'string', default: '20' },
    limit: { type: 'boolean', default: false },
    tcp: { type: 'string' },
  },
});
const seconds = Number(options.seconds);
const first = '10.0.1.1';
/** The product runs around the clock: it is measured once its code has been compiled, which takes as many probes. */
const warmUpProbes = 60_000;
const warmUpMillis = [5000, 60_000] as const;
/** fping cannot handle more: it numbers probes by target and sequence in 16 bits. */
const fpingMost = 1000;
const pings = 200;
const fewestMissing = 0.0001;

if (isSkipped('the bench', 'root', 'ip netns', 'fping', 'ping')) process.exit(1);
const network = new TestNetwork();
await using folder = await temporaryFolder();
const row = (name: string, micros: number | undefined, rest: string): boolean =>
  process.stdout.write(`  ${name.padEnd(22)} ${(micros?.toFixed(1) ?? '–').padStart(7)} µs of CPU a probe   ${rest}\n`);

const tcpPort = 4443;

function printCost(cost: ProbeCost): void {
  const missing = `${cost.missing} of ${cost.probes} missing`;
  const late = `sent p50 ${(cost.latenessP50Micros / 1000).toFixed(1)}, p99 ${(cost.latenessP99Micros / 1000).toFixed(1)} ms late`;
  const rtt = `RTT p50 ${cost.rttP50Micros}, p99 ${cost.rttP99Micros} µs`;
  const share = `${(cost.coreShare * 100).toFixed(1)} % of a core, ${Math.round(cost.residentMebibytes)} MiB`;
  row('PingMeDaddy', cost.cpuMicrosPerProbe, `${share}; ${missing}; ${late}; ${rtt}`);
}

async function compareTcp(counts: readonly number[]): Promise<void> {
  await network.start('here', 'tcp-listener.ts', String(tcpPort));
  process.stdout.write(`TCP over loopback at 1 Hz for ${seconds} s; the kernel's work for both ends is among ours\n`);
  for (const count of counts) {
    process.stdout.write(`${count} targets\n`);
    printCost(run({ first, count, seconds, tcpPort }));
  }
}

function run(request: Omit<ProbeRunRequest, 'warmUpSeconds' | 'intervalMillis' | 'isBusy'>): ProbeCost {
  const script = new URL('./probe-run.ts', import.meta.url).pathname;
  const warmUpSeconds =
    Math.min(warmUpMillis[1], Math.max(warmUpMillis[0], (1000 * warmUpProbes) / request.count)) / 1000;
  const whole: ProbeRunRequest = { ...request, intervalMillis: 1000, warmUpSeconds, isBusy: false };
  return JSON.parse(network.exec('here', process.execPath, script, JSON.stringify(whole))) as ProbeCost;
}

/** CPU of a running program, over as many seconds as ours. */
async function costOfFping(list: string, count: number): Promise<number> {
  const [file = '', ...within] = network.inside('here');
  // The smallest gap between targets that allows it one second; a larger one makes it wake more often.
  const gap = String(Math.min(3, Math.floor(900 / count) || 0.5));
  const child = spawn(file, [...within, 'fping', '-l', '-q', '-p', '1000', '-i', gap, '-f', list], { stdio: 'ignore' });
  try {
    await delay(3000);
    const nanos = (): number => Number(readFileSync(`/proc/${child.pid ?? 0}/schedstat`, 'utf8').split(' ')[0]);
    const before = nanos();
    await delay(seconds * 1000);
    return (nanos() - before) / 1000 / (count * seconds);
  } finally {
    child.kill('SIGINT');
  }
}

function costOfPing(): number {
  const loop = `for i in $(seq ${pings}); do ping -c 1 -q ${first} > /dev/null; done; times`;
  const times = network.exec('here', 'bash', '-c', loop).trim().split('\n').at(-1) ?? '';
  const spent = [...times.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
  return (spent.reduce((sum, each) => sum + each, 0) * 1e6) / pings;
}

interface LoopCost {
  readonly probes: number;
  readonly replies: number;
  readonly seconds: number;
  readonly cpuMicrosPerProbe: number;
}

/** `undefined` where there is no compiler. */
function compileLoop(): string | undefined {
  const compiler = programPath('cc') ?? programPath('gcc');
  if (compiler === undefined) return undefined;
  const program = join(folder.path, 'echo-loop');
  execFileSync(compiler, ['-O2', '-o', program, new URL('./echo-loop.c', import.meta.url).pathname]);
  return program;
}

const runLoop = (program: string, count: number, loopSeconds: number): LoopCost =>
  JSON.parse(network.exec('here', program, first, String(count), String(loopSeconds))) as LoopCost;

/** Ours: the most targets at 1 Hz with less than 0.01 % missing. The loop: its result when far too much is asked of it. */
function findLimit(loop: string | undefined): void {
  let held = 0;
  for (let count = 100_000; count <= 200_000; count += 10_000) {
    const { missing, probes, coreShare } = run({ first, count, seconds: 10 });
    process.stdout.write(
      `  ${count} targets: ${missing} of ${probes} missing, ${(coreShare * 100).toFixed(0)} % of a core\n`,
    );
    if (missing > probes * fewestMissing) break;
    held = count;
  }
  if (loop === undefined) return;
  const flatOut = runLoop(loop, 300_000, 5);
  const perSecond = flatOut.replies / flatOut.seconds;
  const part = `we hold ${held}, ${((100 * held) / perSecond).toFixed(0)} % of it`;
  process.stdout.write(`  a plain C loop flat out: ${perSecond.toFixed(0)} replies a second; ${part}\n`);
}

async function compareIcmp(counts: readonly number[]): Promise<void> {
  const loop = compileLoop();
  process.stdout.write(`ICMP over loopback at 1 Hz for ${seconds} s; transmit and receive stamps on\n`);
  row('ping, a process each', costOfPing(), `${pings} probes`);
  for (const count of counts) {
    process.stdout.write(`${count} targets\n`);
    const cost = run({ first, count, seconds });
    printCost(cost);
    if (count <= fpingMost) {
      const list = join(folder.path, 'addresses');
      writeFileSync(list, addressBlock(first, count).join('\n'));
      const micros = await costOfFping(list, count);
      row('fping -l', micros, `ours is ${(cost.cpuMicrosPerProbe / micros).toFixed(2)} of it`);
    } else row('fping -l', undefined, 'cannot hold them at 1 Hz');
    if (loop === undefined) continue;
    const plain = runLoop(loop, count, seconds);
    const replies = cost.probes - cost.missing;
    const part = `ours got ${((100 * replies) / plain.replies).toFixed(2)} % of its ${plain.replies} replies`;
    row('a plain C loop', plain.cpuMicrosPerProbe, part);
  }
  if (options.limit) findLimit(loop);
}

try {
  network.add('here');
  network.ip('here', 'route add local 10.0.0.0/9 dev lo');
  if (options.tcp === undefined) await compareIcmp(options.targets.split(',').map(Number));
  else await compareTcp(options.tcp.split(',').map(Number));
} finally {
  await network.remove();
}
