import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { parseTargetId } from '../../src/core/ids.ts';
import { openProberHost } from '../../src/probe/host/prober-host.ts';

// Adds and removes 10,000 targets again and again in a process of its own; prints what was left each time as JSON.
const rounds = Number(process.argv[2]);
const targets = Array.from({ length: 10_000 }, (_, index) => {
  const id = parseTargetId(index + 1);
  if (id === undefined) throw new Error('no such id');
  return { id, ip: `127.1.${index >> 8}.${index & 255}`, intervalMillis: 1000 };
});
const results = { count: 0 };
const workers: Worker[] = [];
const prober = await openProberHost(
  {
    timeoutMillis: 200,
    maxInFlight: 0,
    tracerouteBinary: undefined,
    onResults: (batch) => {
      results.count += batch.length;
    },
    onNotice: (message) => process.stderr.write(`${message}\n`),
  },
  { workerUrl: new URL('./told-worker.ts', import.meta.url), onWorker: (worker) => workers.push(worker) },
);
const left: object[] = [];
for (let round = 0; round < rounds; round++) {
  prober.schedule({ set: targets, remove: [] });
  await sleep(600);
  prober.schedule({ set: [], remove: targets.map(({ id }) => id) });
  // Past the timeout and two publications: nothing is in flight, and the counters say so.
  await sleep(650);
  const { sent, replies, targets: known } = prober.counters();
  const before = results.count;
  // What is garbage already is not growth: V8 lets it pile up for as long as there is room.
  globalThis.gc?.();
  for (const worker of workers) worker.postMessage('collect');
  // Wakes the threads, so that they hear of it at once.
  prober.schedule({ set: [], remove: [] });
  await sleep(200);
  const residentKibibytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  const { heapUsed, external } = process.memoryUsage();
  const heaps = await Promise.all(workers.map((worker) => worker.getHeapStatistics()));
  const ofWorkers = heaps.reduce((sum, heap) => sum + heap.used_heap_size + heap.external_memory, 0);
  left.push({
    known,
    unanswered: sent - replies,
    sentAfter: prober.counters().sent - sent,
    resultsAfter: results.count - before,
    residentKibibytes,
    usedKibibytes: Math.round((heapUsed + external + ofWorkers) / 1024),
  });
}
await prober[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify({ left, results: results.count, sent: prober.counters().sent }));
