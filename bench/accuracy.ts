// How accurate our round trips are, beside fping and ping on the same path: loopback at 10,000 targets, idle and with a busy main
// thread, and a path of 20 ms, idle and with every core busy; and those of connections to a port there, beside a blocking connect
// in C.
// npm run bench:accuracy; needs root, ip, nft, fping, ping and, for responders that are never delayed, chrt. Nothing leaves the
// namespaces.
import type { ChildProcess } from 'node:child_process';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../test/e2e/server.ts';
import { TestNetwork } from '../test/netns/network.ts';
import { isSkipped, programPath } from '../test/netns/requirements.ts';
import { addressBlock } from './address-block.ts';
import type { ProbeCost, ProbeRunRequest } from './probe-run.ts';

const firstAddress = '10.0.1.1';
const loopbackTargets = 10_000;
/** As many as fping probes evenly without falling behind. */
const fpingTargets = 1000;
const pathMillis = 20;
const pathIp = '10.77.0.2';
const pathProbes = 200;
/** Hidden from the kernel of the responder's namespace, and answered by our responder. */
const pathPort = 4443;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const row = (name: string, ...micros: readonly number[]): boolean =>
  print(`  ${name.padEnd(34)}${micros.map((each) => each.toFixed(1).padStart(10)).join('')}`);

const quantileOf = (ascending: readonly number[], share: number): number =>
  ascending[Math.floor(share * ascending.length)] ?? Number.NaN;

function rowOf(name: string, rtts: readonly number[]): void {
  const ascending = rtts.toSorted((a, b) => a - b);
  const mean = ascending.reduce((sum, each) => sum + each, 0) / ascending.length;
  row(name, mean, quantileOf(ascending, 0.5), quantileOf(ascending, 0.99));
}

const fpingTimesOf = (output: string): readonly number[] =>
  [...output.matchAll(/bytes, ([\d.]+) ms/g)].map(([, millis]) => Number(millis) * 1000);

const pingTimesOf = (output: string): readonly number[] =>
  [...output.matchAll(/time=([\d.]+) ms/g)].map(([, millis]) => Number(millis) * 1000);

async function runInside(inside: readonly string[], ...argv: readonly string[]): Promise<string> {
  const [file = '', ...rest] = [...inside, ...argv];
  return (await promisify(execFile)(file, rest, { maxBuffer: 256 << 20 })).stdout;
}

async function compareLoopback(): Promise<void> {
  const network = new TestNetwork();
  try {
    network.add('here');
    network.ip('here', 'route add local 10.0.0.0/9 dev lo');
    const inside = network.inside('here');
    const script = new URL('./probe-run.ts', import.meta.url).pathname;
    const request = {
      first: firstAddress,
      count: loopbackTargets,
      intervalMillis: 1000,
      seconds: 15,
      warmUpSeconds: 6,
    };
    print(`Loopback, µs ${'mean'.padStart(33)}${'p50'.padStart(10)}${'p99'.padStart(10)}`);
    for (const isBusy of [false, true]) {
      const whole: ProbeRunRequest = { ...request, isBusy };
      const ours = JSON.parse(await runInside(inside, process.execPath, script, JSON.stringify(whole))) as ProbeCost;
      const name = `PingMeDaddy, ${loopbackTargets} targets, ${isBusy ? 'busy' : 'idle'}`;
      row(name, ours.rttMeanMicros, ours.rttP50Micros, ours.rttP99Micros);
    }
    const addresses = addressBlock(firstAddress, fpingTargets);
    const fping = await runInside(inside, 'fping', '-C', '10', '-p', '1000', '-i', '0.9', ...addresses);
    rowOf(`fping, ${fpingTargets} targets`, fpingTimesOf(fping));
    const ping = await runInside(inside, 'ping', '-n', '-i', '0.01', '-c', '1000', firstAddress);
    rowOf('ping, one target', pingTimesOf(ping));
  } finally {
    await network.remove();
  }
}

async function comparePath(network: TestNetwork, what: string): Promise<void> {
  print(`\nA path of ${pathMillis} ms, ${what}, µs`);
  const inside = network.inside('a');
  const count = String(pathProbes);
  const [ours, fping, ping] = await Promise.all([
    network.probe('a', { targets: [{ ip: pathIp, intervalMillis: 100 }], seconds: pathProbes / 10 }),
    runInside(inside, 'fping', '-C', count, '-p', '100', pathIp),
    runInside(inside, 'ping', '-n', '-i', '0.1', '-c', count, pathIp),
  ]);
  rowOf('PingMeDaddy', ours.rttsMicros['1'] ?? []);
  rowOf('fping', fpingTimesOf(fping));
  rowOf('ping', pingTimesOf(ping));
}

/** A blocking connect in C with the clock read around it, as tcping and the like measure. */
async function compareConnections(network: TestNetwork, what: string, connect: string | undefined): Promise<void> {
  print(`\nConnecting to a port ${pathMillis} ms away, ${what}, µs`);
  const run = {
    targets: [{ ip: pathIp, probe: { kind: 'tcp', port: pathPort } as const, intervalMillis: 100 }],
    seconds: pathProbes / 10,
  };
  const [ours, plain] = await Promise.all([
    network.probe('a', run),
    connect === undefined
      ? undefined
      : runInside(network.inside('a'), connect, pathIp, String(pathPort), String(pathProbes)),
  ]);
  rowOf('PingMeDaddy', ours.rttsMicros['1'] ?? []);
  if (plain !== undefined) rowOf('a blocking connect in C', plain.trim().split('\n').map(Number));
}

/** `undefined` without a compiler. */
function compileConnect(): string | undefined {
  const compiler = programPath('cc') ?? programPath('gcc');
  if (compiler === undefined) return undefined;
  const program = join(folder.path, 'tcp-connect');
  execFileSync(compiler, ['-O2', '-o', program, new URL('./tcp-connect.c', import.meta.url).pathname]);
  return program;
}

/** Processes that use all the CPU time they get, two for each core. */
const burn = (): readonly ChildProcess[] =>
  Array.from({ length: availableParallelism() * 2 }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );

if (isSkipped('the bench', 'root', 'ip netns', 'nft', 'fping', 'ping')) process.exit(1);
await using folder = await temporaryFolder();
await compareLoopback();
const network = new TestNetwork();
let burners: readonly ChildProcess[] = [];
try {
  network.add('a');
  network.add('b', 'net.ipv4.icmp_echo_ignore_all=1');
  network.join('a', ['10.77.0.1/30'], 'b', [`${pathIp}/30`]);
  await network.startUnhindered('b', 'delayed-responder.ts', String(pathMillis));
  network.warmUp('a', pathIp);
  network.nft('b', `table inet t { chain in { type filter hook input priority 0; tcp dport ${pathPort} drop; }; }`);
  await network.startUnhindered('b', 'tcp-responder.ts', String(pathMillis));
  const connect = compileConnect();
  await comparePath(network, 'idle');
  await compareConnections(network, 'idle', connect);
  burners = burn();
  await comparePath(network, 'every core burnt by two processes');
  await compareConnections(network, 'every core burnt by two processes', connect);
} finally {
  for (const burner of burners) burner.kill('SIGKILL');
  await network.remove();
}
