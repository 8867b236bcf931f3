// One prober in a process of its own, for bench:probe and bench:accuracy: the task as JSON among the arguments, its cost as JSON
// on stdout. The targets must all be addresses that the namespace answers itself.
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { icmpProbe } from '../src/core/target/probe-kinds.ts';
import { parseTargetId } from '../src/core/ids.ts';
import { outcomeCodes } from '../src/core/result/probe-result.ts';
import { openProberHost } from '../src/probe/host/prober-host.ts';
import { addressBlock } from './address-block.ts';

export interface ProbeRunRequest {
  readonly first: string;
  readonly count: number;
  readonly intervalMillis: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Whether the main thread is busy for 95 of 100 ms meanwhile. */
  readonly isBusy: boolean;
  /** Probed by connecting to this port. */
  readonly tcpPort?: number;
}

export interface ProbeCost {
  /** Planned probes of the measured stretch. */
  readonly probes: number;
  /** Those of them without a reply. */
  readonly missing: number;
  readonly cpuMicrosPerProbe: number;
  readonly coreShare: number;
  readonly wakeUpsPerSecond: number;
  readonly latenessP50Micros: number;
  readonly latenessP99Micros: number;
  readonly rttMeanMicros: number;
  readonly rttP50Micros: number;
  readonly rttP99Micros: number;
  readonly residentMebibytes: number;
}

const request = JSON.parse(process.argv[2] ?? '') as ProbeRunRequest;
const { intervalMillis, seconds, warmUpSeconds, isBusy, tcpPort = null } = request;
const rtts = new Uint32Array(1 << 20);
let window = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
let [replies, sumMicros, turns] = [0, 0, 0];
const threadsBefore = new Set(readdirSync('/proc/self/task'));
const prober = await openProberHost({
  timeoutMillis: 1000,
  maxInFlight: 0,
  tracerouteBinary: undefined,
  onNotice: (message) => process.stderr.write(`${message}\n`),
  onResults: (batch) => {
    for (let row = 0; row < batch.length; row++) {
      const at = batch.sentAtMillis[row] ?? 0;
      if (at < window.from || at >= window.to || batch.outcomes[row] !== outcomeCodes.reply) continue;
      const micros = batch.rttMicros[row] ?? 0;
      const bucket = Math.min(rtts.length - 1, micros);
      rtts[bucket] = (rtts[bucket] ?? 0) + 1;
      sumMicros += micros;
      replies++;
    }
  },
});
const threads = readdirSync('/proc/self/task').filter((id) => !threadsBefore.has(id));
const targets = addressBlock(request.first, request.count).map((ip, index) => {
  const id = parseTargetId(index + 1);
  if (id === undefined) throw new Error(`no id for ${ip}`);
  return { id, ip, intervalMillis, probe: tcpPort === null ? icmpProbe : { kind: 'tcp' as const, port: tcpPort } };
});
prober.schedule({ set: targets, remove: [] });
await sleep(warmUpSeconds * 1000);
if (isBusy) {
  setInterval(() => {
    const end = performance.now() + 95;
    while (performance.now() < end) turns++;
  }, 100);
}

const before = usage();
const startedAt = performance.now();
window = { from: Math.ceil(Date.now() / 1000 + 0.2) * 1000, to: 0 };
window.to = window.from + seconds * 1000;
await sleep(seconds * 1000);
const after = usage();
const elapsed = (performance.now() - startedAt) / 1000;
const { latenessP50Micros, latenessP99Micros } = prober.counters();
const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
await sleep(window.to - Date.now() + 1500);
const probes = Math.round((targets.length * seconds * 1000) / intervalMillis);
// Of the threads started with the prober, V8's included, the probing one is the busiest.
const spent = after.map(({ nanos, switches }, at) => {
  return { nanos: nanos - (before[at]?.nanos ?? 0), switches: switches - (before[at]?.switches ?? 0) };
});
const [probing = { nanos: 0, switches: 0 }] = spent.toSorted((a, b) => b.nanos - a.nanos);
const cost: ProbeCost = {
  probes,
  missing: probes - replies,
  cpuMicrosPerProbe: (probing.nanos / 1000 / probes) * (seconds / elapsed),
  coreShare: probing.nanos / 1e9 / elapsed,
  wakeUpsPerSecond: probing.switches / elapsed,
  latenessP50Micros,
  latenessP99Micros,
  rttMeanMicros: sumMicros / replies,
  rttP50Micros: quantile(0.5),
  rttP99Micros: quantile(0.99),
  residentMebibytes: resident,
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
await prober[Symbol.asyncDispose]();
process.exit(0);

function usage(): readonly { readonly nanos: number; readonly switches: number }[] {
  return threads.map((id) => {
    const [nanos = 0, , switches = 0] = readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ').map(Number);
    return { nanos, switches };
  });
}

function quantile(share: number): number {
  let seen = 0;
  for (let micros = 0; micros < rtts.length; micros++) {
    seen += rtts[micros] ?? 0;
    if (seen >= share * replies) return micros;
  }
  return 0;
}
