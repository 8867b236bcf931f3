// What one probe costs our probing thread, at 1 Hz per target over loopback, beside fping, ping and a plain C loop.
// npm run bench:probe -- [--targets 300,1000] [--seconds 20] [--limit]; needs root, ip, fping, ping; cc for the C loop.
// --limit looks for the most targets that we hold. Nothing leaves a namespace of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isSkipped } from '../test/netns/requirements.ts';
import { benchAddress, benchIpv4, openLoopback, print, runFping, runInside, runProber } from './loopback.ts';
import type { ProbeCost } from './probe-run.ts';

interface LoopRun {
  readonly probes: number;
  readonly missing: number;
  readonly cpuMicrosPerProbe: number;
  readonly coreShare: number;
  readonly probesPerSecond: number;
}

const { values: flags } = parseArgs({
  options: {
    targets: { type: 'string', default: '300,1000,10000,50000,100000' },
    seconds: { type: 'string', default: '20' },
    limit: { type: 'boolean', default: false },
  },
});
const sizes = flags.targets.split(',').map(Number);
/** fping has 65,536 sequence numbers, each of which it holds for ten seconds. */
const mostForFping = 10_000;
const fewestMissing = 0.0001;

const row = (name: string, micros: number, rest: string): boolean =>
  print(`  ${name.padEnd(12)} ${micros.toFixed(micros < 100 ? 1 : 0).padStart(7)} µs   ${rest}`);

const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`;

function printOurs(cost: ProbeCost): void {
  const lateness = `late p50 ${(cost.latenessP50Micros / 1000).toFixed(1)}, p99 ${(cost.latenessP99Micros / 1000).toFixed(1)} ms`;
  const missing = `lost ${cost.lost}, not sent ${cost.missing} of ${cost.probes}`;
  const rest = `${percent(cost.coreShare)} of a core; ${lateness}; ${missing}; ${cost.residentMebibytes.toFixed(0)} MiB`;
  row('PingMeDaddy', cost.cpuMicrosPerProbe, rest);
}

/** CPU of a process per probe, children and shell together, as the shell's `times` has it. */
async function costOfPing(inside: readonly string[]): Promise<number> {
  const times = 200;
  const script = `for i in $(seq ${times}); do ping -n -q -c 1 ${benchIpv4(1)} >/dev/null; done; times`;
  const spent = [...(await runInside(inside, ['bash', '-c', script])).matchAll(/(\d+)m([\d.]+)s/g)];
  return (spent.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0) * 1e6) / times;
}

function compileLoop(folder: string): string | undefined {
  const program = join(folder, 'echo-loop');
  const source = new URL('./echo-loop.c', import.meta.url).pathname;
  return spawnSync('cc', ['-O2', '-o', program, source]).status === 0 ? program : undefined;
}

/** Most targets at 1 Hz of which under 0.01 % go missing, from a hundred thousand up. */
async function findLimit(inside: readonly string[]): Promise<number> {
  let held = 0;
  for (let count = 100_000; count <= 200_000; count += 10_000) {
    const cost = await runProber(inside, String(count), '10');
    printOurs(cost);
    if (cost.lost + cost.missing > cost.probes * fewestMissing) break;
    held = count;
  }
  return held;
}

if (isSkipped('the bench', 'root', 'ip netns', 'fping', 'ping')) process.exit(1);
const folder = mkdtempSync(join(tmpdir(), 'pmd-bench-'));
const { network, inside } = openLoopback();
try {
  const loop = compileLoop(folder);
  const runLoop = async (program: string, targets: number, rate: number): Promise<LoopRun> =>
    JSON.parse(await runInside(inside, [program, ...[targets, rate, 10].map(String)])) as LoopRun;
  const version = execFileSync('fping', ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';
  print(`CPU per probe at 1 Hz per target over loopback, the kernel's echo included; ${version}`);
  for (const count of sizes) {
    print(`\n${count} targets`);
    printOurs(await runProber(inside, String(count), flags.seconds));
    if (count <= mostForFping) {
      const addresses = Array.from({ length: count }, (_, index) => benchAddress(index));
      const fping = await runFping(inside, addresses, Math.min(20, Number(flags.seconds)));
      if (fping === undefined) print('  fping -l     ends: it runs out of sequence numbers');
      else {
        const rest = `sends ${fping.probesPerSecond.toFixed(0)} a second; lost ${percent(fping.lossRatio, 3)}`;
        row('fping -l', fping.cpuMicrosPerProbe, rest);
      }
    }
    if (loop !== undefined) {
      const cost = await runLoop(loop, count, count);
      row('C loop', cost.cpuMicrosPerProbe, `${percent(cost.coreShare)} of a core; missing ${cost.missing}`);
    }
  }
  print('\nOne process per probe');
  row('ping -c 1', await costOfPing(inside), '');
  if (flags.limit) {
    print('\nFlat out');
    const ours = await findLimit(inside);
    const theirs = loop === undefined ? undefined : await runLoop(loop, 100_000, 0);
    if (theirs !== undefined) {
      const rest = `${theirs.probesPerSecond.toFixed(0)} a second; missing ${theirs.missing}`;
      row('C loop', theirs.cpuMicrosPerProbe, `${rest}; we hold ${percent(ours / theirs.probesPerSecond, 0)} of it`);
    }
  }
} finally {
  await network.remove();
  rmSync(folder, { recursive: true });
}
