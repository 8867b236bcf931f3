// One prober in a process of its own: what its thread cost and what it saw, as JSON. For bench:probe and bench:accuracy.
// probe-run.ts <targets> <seconds> [busy]: 10.1.0.0 and on, every tenth fd99::; `busy` keeps the main thread at work.
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTargetId } from '../src/core/ids.ts';
import { outcomeCodes } from '../src/core/probe-result.ts';
import { openProberHost } from '../src/probe/prober-host.ts';
import type { PingTarget } from '../src/probe/probe.ts';
import { benchAddress } from './loopback.ts';

export interface ProbeCost {
  readonly probes: number;
  /** Neither a reply nor a `not-sent`. */
  readonly lost: number;
  /** Probes that were not sent, and slots without any result. */
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

const count = Number(process.argv[2]);
const seconds = Number(process.argv[3]);
const isBusy = process.argv[4] === 'busy';
const rttByMicros = new Uint32Array(1 << 20);
const window = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
let [replies, lost, rttSum, idleness] = [0, 0, 0, 0];

const threadsBefore = new Set(readdirSync('/proc/self/task'));
const prober = await openProberHost({
  timeoutMillis: 1000,
  maxInFlight: 0,
  tracerouteBinary: undefined,
  onNotice: (message) => process.stderr.write(`${message}\n`),
  onResults: (batch) => {
    for (let row = 0; row < batch.length; row++) {
      const at = batch.sentAtMillis[row] ?? 0;
      if (at < window.from || at >= window.to) continue;
      const outcome = batch.outcomes[row];
      if (outcome === outcomeCodes.timeout || outcome === outcomeCodes.unreachable) lost++;
      if (outcome !== outcomeCodes.reply) continue;
      const micros = batch.rttMicros[row] ?? 0;
      const bucket = Math.min(rttByMicros.length - 1, micros);
      rttByMicros[bucket] = (rttByMicros[bucket] ?? 0) + 1;
      rttSum += micros;
      replies++;
    }
  },
});
const threads = readdirSync('/proc/self/task').filter((id) => !threadsBefore.has(id));

function targetsFrom(firstId: number, length: number, intervalMillis: number): readonly PingTarget[] {
  return Array.from({ length }, (_, index) => {
    const id = parseTargetId(firstId + index);
    if (id === undefined) throw new Error('no such id');
    return { id, ip: benchAddress(index), intervalMillis };
  });
}

// A tenth of a million probes first, as a small fleet has behind it after minutes: the service that runs is measured.
const warmers = targetsFrom(1_000_000, 2000, 100);
prober.ping({ set: warmers, remove: [] });
await sleep(5000);
prober.ping({ set: targetsFrom(1, count, 1000), remove: warmers.map(({ id }) => id) });
await sleep(3000);
if (isBusy) {
  setInterval(() => {
    for (const until = performance.now() + 95; performance.now() < until;) idleness++;
  }, 100);
}

const usage = () =>
  threads.map((id) => {
    const [nanos = 0, , switches = 0] = readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ').map(Number);
    return { nanos, switches };
  });
window.from = Math.ceil(Date.now() / 1000 + 0.2) * 1000;
window.to = window.from + seconds * 1000;
await sleep(window.from - Date.now());
const before = usage();
const startedAt = performance.now();
await sleep(seconds * 1000);
const after = usage();
const elapsed = (performance.now() - startedAt) / 1000;
const { latenessP50Micros, latenessP99Micros } = prober.counters();
const status = readFileSync('/proc/self/status', 'utf8');
await sleep(1500);
await prober[Symbol.asyncDispose]();

// Of the threads that the prober started, V8's helpers included, its own has done most.
const [spent] = after
  .map(({ nanos, switches }, at) => ({
    nanos: nanos - (before[at]?.nanos ?? 0),
    switches: switches - (before[at]?.switches ?? 0),
  }))
  .sort((a, b) => b.nanos - a.nanos);
const quantile = (share: number): number => {
  let seen = 0;
  return rttByMicros.findIndex((more) => (seen += more) >= share * replies);
};
const probes = count * seconds;
const cost: ProbeCost = {
  probes,
  lost,
  missing: probes - replies - lost,
  cpuMicrosPerProbe: (spent?.nanos ?? Number.NaN) / 1000 / (count * elapsed),
  coreShare: (spent?.nanos ?? Number.NaN) / 1e9 / elapsed,
  wakeUpsPerSecond: (spent?.switches ?? Number.NaN) / elapsed,
  latenessP50Micros,
  latenessP99Micros,
  rttMeanMicros: rttSum / replies,
  rttP50Micros: quantile(0.5),
  rttP99Micros: quantile(0.99),
  residentMebibytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
process.exit(0);
