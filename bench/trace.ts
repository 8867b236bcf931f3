// How long a trace takes over a chain of eight namespaces, beside traceroute and mtr on the same chain in the same run.
// npm run bench:trace -- [times]; needs root, ip, nft, traceroute and mtr. Nothing leaves the namespaces.
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildChain, chainAddresses, silence } from '../test/netns/chain.ts';
import { TestNetwork } from '../test/netns/network.ts';
import { isSkipped } from '../test/netns/requirements.ts';

const links = 8;
const silent = 4;
const distanceMillis = 20;
const times = Number(process.argv[2] ?? 5);
/** Routers answer once a second after a burst of six. */
const restMillis = 3500;

interface Timed {
  readonly millis: number;
  /** As `ip` or `*`, joined. */
  readonly hops: string;
}

const peers: Readonly<Record<string, readonly string[]>> = {
  'traceroute -I': ['traceroute', '-I'],
  'traceroute -I -n': ['traceroute', '-I', '-n'],
  'mtr -n -r -c1': ['mtr', '-n', '-r', '-c1'],
};

async function runPeer(network: TestNetwork, argv: readonly string[]): Promise<Timed> {
  const [file = '', ...rest] = [...network.inside('n0'), ...argv];
  const startedAt = performance.now();
  const { stdout } = await promisify(execFile)(file, rest);
  const millis = performance.now() - startedAt;
  const lines = stdout.split('\n').filter((line) => /^\s*\d+[\s.]/.test(line));
  const hops = lines.map((line) => /10\.88\.[\d.]+|fd88:[\da-f:]+/.exec(line)?.[0] ?? '*');
  return { millis, hops: hops.join(' ') };
}

/** The first trace of a process, and the median of those after it, which know what was silent unless told to forget it. */
async function runOurs(
  network: TestNetwork,
  ip: string,
  isForgetful: boolean,
): Promise<{ readonly first: number } & Timed> {
  const trace = { ip, maxHops: 30, timeoutMillis: 25_000, rounds: 1, isNamed: false, silentTtls: [] };
  const again = { times, restMillis, isForgetful };
  const { paths, traceMillis } = await network.probe('n0', { traces: [trace], again });
  const [hops = '', ...others] = paths.map((path) => path.hops.map((hop) => hop.ip ?? '*').join(' '));
  const other = others.find((each) => each !== hops);
  if (other !== undefined) throw new Error(`Two traces gave two paths: ${hops} and ${other}`);
  const [first = Number.NaN, ...rest] = traceMillis;
  return { first, millis: median(rest), hops };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const row = (name: string, millis: number, rest: string): boolean =>
  print(`  ${name.padEnd(18)} ${millis.toFixed(1).padStart(8)} ms   ${rest}`);

async function compare(network: TestNetwork, what: string, ip: string): Promise<void> {
  const ours = await runOurs(network, ip, true);
  const known = await runOurs(network, ip, false);
  print(`\n${what}: ${ours.hops}`);
  const rest = `the first one of a process ${ours.first.toFixed(1)} ms, along a known path ${known.millis.toFixed(1)} ms`;
  row('PingMeDaddy', ours.millis, rest);
  for (const [name, argv] of Object.entries(peers)) {
    const theirs: Timed[] = [];
    // mtr takes six seconds in any case: once is enough.
    for (let run = 0; run < (name.startsWith('mtr') ? 1 : times); run++) {
      theirs.push(await runPeer(network, [...argv, ip]));
      await delay(restMillis);
    }
    const millis = median(theirs.map((each) => each.millis));
    const hops = theirs[0]?.hops === ours.hops ? 'the same hops' : `other hops: ${theirs[0]?.hops}`;
    row(name, millis, `${(millis / ours.millis).toFixed(1).padStart(6)} times ours; ${hops}`);
  }
}

if (isSkipped('the bench', 'root', 'ip netns', 'nft', 'traceroute', 'mtr', 'ping')) process.exit(1);
const network = new TestNetwork();
try {
  buildChain(network, links);
  await delay(restMillis);
  print(`Time of one trace over ${links} hops, median of ${times}; of the programs with their start`);
  const [ipv4, ipv6] = chainAddresses(links);
  for (const ip of [ipv4, ipv6]) await compare(network, 'All hops answer', ip);
  silence(network, `n${silent}`);
  for (const ip of [ipv4, ipv6]) await compare(network, `Hop ${silent} is silent`, ip);
  network.exec(`n${links}`, 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1');
  await network.start(`n${links}`, 'delayed-responder.ts', String(distanceMillis));
  await compare(network, `Hop ${silent} is silent and the destination ${distanceMillis} ms away`, ipv4);
  network.nft(`n${silent}`, 'flush ruleset');
  await compare(network, `All hops answer and the destination is ${distanceMillis} ms away`, ipv4);
} finally {
  await network.remove();
}
