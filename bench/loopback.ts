import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { TestNetwork } from '../test/netns/network.ts';
import type { ProbeCost } from './probe-run.ts';

/** Target `index` of the loopback benchmarks: IPv4 of 10.0.0.0/9, every tenth IPv6. */
export const benchAddress = (index: number): string =>
  index % 10 === 9 ? `fd99::${(index >> 16) + 1}:${(index & 0xffff).toString(16)}` : benchIpv4(index);

export const benchIpv4 = (index: number): string => `10.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;

/** A namespace in which all of these addresses are its own and answer. */
export function openLoopback(): { readonly network: TestNetwork; readonly inside: readonly string[] } {
  const network = new TestNetwork();
  network.add('lo');
  network.ip('lo', 'route add local 10.0.0.0/9 dev lo');
  network.ip('lo', '-6 route add local fd99::/64 dev lo');
  return { network, inside: network.inside('lo') };
}

export async function runInside(inside: readonly string[], argv: readonly string[]): Promise<string> {
  const [file = '', ...rest] = [...inside, ...argv];
  return (await promisify(execFile)(file, rest, { maxBuffer: 256 << 20 })).stdout;
}

export async function runProber(inside: readonly string[], ...argv: readonly string[]): Promise<ProbeCost> {
  const script = new URL('./probe-run.ts', import.meta.url).pathname;
  return JSON.parse(await runInside(inside, [process.execPath, script, ...argv])) as ProbeCost;
}

export interface FpingRun {
  readonly probesPerSecond: number;
  readonly cpuMicrosPerProbe: number;
  readonly lossRatio: number;
  /** All round trips it printed, in microseconds, ascending; empty unless asked for. */
  readonly rttsMicros: readonly number[];
}

/** One `fping -l` for all, a probe a second each, sent evenly; undefined when it ended by itself. */
export async function runFping(
  inside: readonly string[],
  addresses: readonly string[],
  seconds: number,
  isPrinting = false,
): Promise<FpingRun | undefined> {
  const spread = String(Math.max(0.01, 999 / addresses.length));
  const argv = ['fping', '-l', ...(isPrinting ? [] : ['-q']), '-p', '1000', '-i', spread, '-t', '1000', ...addresses];
  const [file = '', ...rest] = [...inside, ...argv];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  const summary: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => summary.push(text));
  const ended = once(child, 'close');
  const cpuNanos = (): number => Number(readFileSync(`/proc/${child.pid ?? 0}/schedstat`, 'utf8').split(' ')[0]);
  const startedAt = performance.now();
  await sleep(3000);
  if (child.exitCode !== null) return undefined;
  const before = { nanos: cpuNanos(), at: performance.now() };
  await sleep(seconds * 1000);
  if (child.exitCode !== null) return undefined;
  const after = { nanos: cpuNanos(), at: performance.now() };
  child.kill('SIGINT');
  await ended;
  const totals = [...summary.join('').matchAll(/= (\d+)\/(\d+)\//g)];
  const [sent, received] = [1, 2].map((group) => totals.reduce((sum, each) => sum + Number(each[group]), 0));
  const probesPerSecond = (sent ?? 0) / ((after.at - startedAt) / 1000);
  return {
    probesPerSecond,
    cpuMicrosPerProbe: (after.nanos - before.nanos) / 1e6 / (after.at - before.at) / (probesPerSecond / 1e6),
    lossRatio: 1 - (received ?? 0) / (sent ?? 1),
    rttsMicros: [...output.join('').matchAll(/bytes, ([\d.]+) ms/g)]
      .map(([, millis]) => Number(millis) * 1000)
      .sort((a, b) => a - b),
  };
}

export const quantileOf = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? Number.NaN;

export const print = (line: string): boolean => process.stdout.write(`${line}\n`);
