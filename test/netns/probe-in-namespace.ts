import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetAnomalies } from '../../src/core/result/anomalies.ts';
import type { Path } from '../../src/core/path/path.ts';
import { silentTtls } from '../../src/core/path/path-change.ts';
import { parseTargetId } from '../../src/core/ids.ts';
import { openProberHost } from '../../src/probe/host/prober-host.ts';
import type { ProbedTarget, ProbeMethod, ProberCounters, ProberStatus, TraceRequest } from '../../src/probe/probe.ts';

/** What to do, as JSON on stdin. */
export interface ProbeRun {
  readonly methods?: readonly ProbeMethod[];
  readonly timeoutMillis?: number;
  readonly tracerouteBinary?: string;
  /** Target n+1 of this list has id n+1. */
  readonly targets?: readonly Pick<ProbedTarget, 'ip' | 'intervalMillis' | 'packet' | 'probe'>[];
  readonly seconds?: number;
  /** How long to listen after the last probe has ended, for what comes late. */
  readonly lingerMillis?: number;
  /** Run side by side. */
  readonly traces?: readonly TraceRequest[];
  /** More traces of the same after rests, knowing what was silent unless they are to forget it. */
  readonly again?: { readonly times: number; readonly restMillis: number; readonly isForgetful?: boolean };
}

/** What came of it, as JSON on stdout. */
export interface ProbeRunReport {
  readonly status: ProberStatus;
  readonly counters: ProberCounters;
  readonly anomalies: Readonly<Record<string, TargetAnomalies>>;
  /** Number of results by target id, then by outcome code and detail, as `1` → `2:769`. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The same in the order of their slots, by target id, as `0:57` for a reply of TTL 57. */
  readonly verdicts: Readonly<Record<string, readonly string[]>>;
  /** Of replies, by target id, in order. */
  readonly rttsMicros: Readonly<Record<string, readonly number[]>>;
  readonly paths: readonly Path[];
  /** How long each trace took whoever asked for it, in milliseconds; `again` ones behind the first. */
  readonly traceMillis: readonly number[];
  readonly notices: readonly string[];
}

/** A slot that comes in weeks: a target that is known and not probed. */
const restMillis = 2 ** 31;
/** How long a busy machine may take to end what is in flight, beyond the timeout. */
const settleMillis = 10_000;
const run = JSON.parse(readFileSync(0, 'utf8')) as ProbeRun;
const outcomes: Record<string, Record<string, number>> = {};
const rttsMicros: Record<string, number[]> = {};
const slots: { id: string; sentAt: number; verdict: string }[] = [];
const notices: string[] = [];
const prober = await openProberHost(
  {
    timeoutMillis: run.timeoutMillis ?? 1000,
    maxInFlight: 0,
    tracerouteBinary: run.tracerouteBinary,
    onResults: (batch) => {
      for (let row = 0; row < batch.length; row++) {
        const id = String(batch.targetIds[row]);
        const verdict = `${batch.outcomes[row]}:${batch.details[row]}`;
        slots.push({ id, sentAt: batch.sentAtMillis[row] ?? 0, verdict });
        const key = batch.outcomes[row] === 0 ? 'reply' : verdict;
        const counts = (outcomes[id] ??= {});
        counts[key] = (counts[key] ?? 0) + 1;
        if (key === 'reply') (rttsMicros[id] ??= []).push(batch.rttMicros[row] ?? 0);
      }
    },
    onNotice: (message) => notices.push(message),
  },
  {
    ...(run.methods === undefined ? {} : { methods: run.methods }),
    // Never ask a name server: the packets would leave the namespaces.
    reverseLookup: (ip) => Promise.resolve([`name-of-${ip}`]),
  },
);
const targets = (run.targets ?? []).flatMap((target, index) => {
  const id = parseTargetId(index + 1);
  return id === undefined ? [] : [{ ...target, id }];
});
prober.schedule({ set: targets, remove: [] });
await sleep((run.seconds ?? 0) * 1000);
const traceMillis: number[] = [];
async function trace(request: TraceRequest): Promise<Path> {
  const startedAt = performance.now();
  const path = await prober.trace(request, new AbortController().signal);
  traceMillis.push(performance.now() - startedAt);
  return path;
}
let requests = run.traces ?? [];
const paths = await Promise.all(requests.map(trace));
for (let round = 0; round < (run.again?.times ?? 0); round++) {
  const known = (index: number): readonly number[] =>
    run.again?.isForgetful ? [] : silentTtls(paths[index] ?? { hops: [] });
  requests = requests.map((request, index) => ({ ...request, silentTtls: known(index) }));
  await sleep(run.again?.restMillis);
  paths.push(...(await Promise.all(requests.map(trace))));
}
// No more probes: every one in flight ends for good before the counters are read.
prober.schedule({ set: targets.map((target) => ({ ...target, intervalMillis: restMillis })), remove: [] });
await sleep((run.timeoutMillis ?? 1000) + 300 + (run.lingerMillis ?? 0));
const settledBy = performance.now() + settleMillis;
while (prober.counters().sent + prober.counters().notSent > slots.length && performance.now() < settledBy)
  await sleep(20);
const status = prober.status();
const counters = prober.counters();
const anomalies = Object.fromEntries(prober.anomalies());
await prober[Symbol.asyncDispose]();
const verdicts: Record<string, string[]> = {};
for (const { id, verdict } of slots.sort((a, b) => a.sentAt - b.sentAt)) (verdicts[id] ??= []).push(verdict);
const report: ProbeRunReport = {
  status,
  counters,
  anomalies,
  outcomes,
  verdicts,
  rttsMicros,
  paths,
  traceMillis,
  notices,
};
process.stdout.write(JSON.stringify(report));
