// How near to the truth our round trips are, beside fping and ping on the same path: loopback at 10,000 targets, idle and
// with a busy main thread, and a path of 20 ms, idle and with every core burnt. npm run bench:accuracy; needs root, ip,
// fping, ping and, for a responder that nobody holds up, chrt. Nothing leaves the namespaces.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { TestNetwork } from '../test/netns/network.ts';
import { isSkipped } from '../test/netns/requirements.ts';
import {
  benchAddress,
  benchIpv4,
  openLoopback,
  print,
  quantileOf,
  runFping,
  runInside,
  runProber,
} from './loopback.ts';

const loopbackTargets = 10_000;
/** As many as fping probes evenly without falling behind. */
const fpingTargets = 1000;
const pathMillis = 20;
const pathIp = '10.77.0.2';
const pathProbes = 200;

const row = (name: string, ...micros: readonly number[]): boolean =>
  print(`  ${name.padEnd(34)}${micros.map((each) => each.toFixed(1).padStart(10)).join('')}`);

function rowOf(name: string, rtts: readonly number[]): void {
  const ascending = rtts.toSorted((a, b) => a - b);
  const mean = ascending.reduce((sum, each) => sum + each, 0) / ascending.length;
  row(name, mean, quantileOf(ascending, 0.5), quantileOf(ascending, 0.99));
}

const timesOf = (output: string): readonly number[] =>
  [...output.matchAll(/time=([\d.]+) ms/g)].map(([, millis]) => Number(millis) * 1000);

async function compareLoopback(): Promise<void> {
  const { network, inside } = openLoopback();
  try {
    print(`\nLoopback, µs ${'mean'.padStart(31)}${'p50'.padStart(10)}${'p99'.padStart(10)}`);
    for (const load of ['idle', 'busy'] as const) {
      const ours = await runProber(inside, String(loopbackTargets), '15', load);
      const name = `PingMeDaddy, ${loopbackTargets} targets, ${load}`;
      row(name, ours.rttMeanMicros, ours.rttP50Micros, ours.rttP99Micros);
    }
    const addresses = Array.from({ length: fpingTargets }, (_, index) => benchAddress(index));
    const fping = await runFping(inside, addresses, 10, true);
    rowOf(`fping -l, ${fpingTargets} targets`, fping?.rttsMicros ?? []);
    rowOf(
      'ping, one target',
      timesOf(await runInside(inside, ['ping', '-n', '-i', '0.01', '-c', '1000', benchIpv4(1)])),
    );
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
    runInside(inside, ['sh', '-c', `fping -C ${count} -p 100 ${pathIp} 2>/dev/null`]),
    runInside(inside, ['ping', '-n', '-i', '0.1', '-c', count, pathIp]),
  ]);
  rowOf('PingMeDaddy', ours.rttsMicros['1'] ?? []);
  rowOf(
    'fping',
    [...fping.matchAll(/bytes, ([\d.]+) ms/g)].map(([, millis]) => Number(millis) * 1000),
  );
  rowOf('ping', timesOf(ping));
}

/** Processes that want all the time there is, two for each core. */
const burn = (): readonly ChildProcess[] =>
  Array.from({ length: availableParallelism() * 2 }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );

if (isSkipped('the bench', 'root', 'ip netns', 'fping', 'ping')) process.exit(1);
await compareLoopback();
const network = new TestNetwork();
let burners: readonly ChildProcess[] = [];
try {
  network.add('a');
  network.add('b', 'net.ipv4.icmp_echo_ignore_all=1');
  network.join('a', ['10.77.0.1/30'], 'b', [`${pathIp}/30`]);
  await network.startUnhindered('b', 'delayed-responder.ts', String(pathMillis));
  network.warmUp('a', pathIp);
  await comparePath(network, 'idle');
  burners = burn();
  await comparePath(network, 'every core burnt by two processes');
} finally {
  for (const burner of burners) burner.kill('SIGKILL');
  await network.remove();
}
