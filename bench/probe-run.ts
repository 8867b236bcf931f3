// One prober on loopback in a process of its own: its targets, seconds and warm-up from the command line, what it cost as JSON.
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTargetId } from '../src/core/ids.ts';
import { outcomeCodes } from '../src/core/probe-result.ts';
import { openProberHost } from '../src/probe/prober-host.ts';

export interface ProbeCost {
  readonly probes: number;
  readonly missing: number;
  readonly cpuMicrosPerProbe: number;
  readonly coreShare: number;
  readonly wakeUpsPerSecond: number;
  readonly latenessP50Micros: number;
  readonly latenessP99Micros: number;
  readonly rttP50Micros: number;
  readonly rttP99Micros: number;
  readonly residentMebibytes: number;
}

const [count, seconds, warmUpSeconds, load] = [
  Number(process.argv[2]),
  Number(process.argv[3]),
  Number(process.argv[4]),
  process.argv[5],
];
const rtts = new Uint32Array(1 << 20);
let window = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
let replies = 0;
const threadsBefore = new Set(readdirSync('/proc/self/task'));
let busyness = 0;
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
      replies++;
    }
  },
});
const threads = readdirSync('/proc/self/task').filter((id) => !threadsBefore.has(id));
const targets = Array.from({ length: count }, (_, index) => {
  const id = parseTargetId(index + 1);
  if (id === undefined) throw new Error('no id');
  // One in ten is IPv6, which has one loopback address only.
  const ip = index % 10 === 9 ? '::1' : `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255 || 1}`;
  return { id, ip, intervalMillis: 1000 };
});
prober.ping({ set: targets, remove: [] });
await sleep(warmUpSeconds * 1000);
if (load === 'busy')
  setInterval(() => {
    const end = performance.now() + 95;
    while (performance.now() < end) busyness++;
  }, 100);

const usage = () =>
  threads.map((id) => {
    const [nanos, , switches] = readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ').map(Number);
    return { id, nanos: nanos ?? 0, switches: switches ?? 0 };
  });
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
await prober[Symbol.asyncDispose]();
const spent = after.map((thread, at) => ({
  nanos: thread.nanos - (before[at]?.nanos ?? 0),
  switches: thread.switches - (before[at]?.switches ?? 0),
}));
const prober1 = spent.toSorted((a, b) => b.nanos - a.nanos)[0] ?? { nanos: 0, switches: 0 };
const quantile = (share: number): number => {
  let seen = 0;
  for (let micros = 0; micros < rtts.length; micros++) {
    seen += rtts[micros] ?? 0;
    if (seen >= share * replies) return micros;
  }
  return 0;
};
const cost: ProbeCost = {
  probes: count * seconds,
  missing: count * seconds - replies,
  cpuMicrosPerProbe: prober1.nanos / 1000 / (count * elapsed),
  coreShare: prober1.nanos / 1e9 / elapsed,
  wakeUpsPerSecond: prober1.switches / elapsed,
  latenessP50Micros,
  latenessP99Micros,
  rttP50Micros: quantile(0.5),
  rttP99Micros: quantile(0.99),
  residentMebibytes: resident,
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
process.exit(0);
