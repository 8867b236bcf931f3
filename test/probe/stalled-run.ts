import { setTimeout as sleep } from 'node:timers/promises';
import { parseTargetId } from '../../src/core/ids.ts';
import { rowsOf } from '../../src/core/result/probe-result.ts';
import type { ResultRow } from '../../src/core/result/probe-result.ts';
import { openProberHost } from '../../src/probe/host/prober-host.ts';

// Probes 500 addresses of this machine at 1 Hz, by ICMP or by connecting to a port that it is given, in a process that somebody else stops and continues. `ready` on stdout, then
// at the end all results and notices as JSON.
const [seconds, threads, port] = process.argv.slice(2).map(Number);
const rows: ResultRow[] = [];
const notices: string[] = [];
const prober = await openProberHost({
  ...{ timeoutMillis: 1000, maxInFlight: 0, tracerouteBinary: undefined, threads: threads ?? 1 },
  onResults: (batch) => rows.push(...rowsOf(batch)),
  onNotice: (message) => notices.push(message),
});
const set = Array.from({ length: 500 }, (_, index) => {
  const id = parseTargetId(index + 1);
  if (id === undefined) throw new Error('no such id');
  return {
    id,
    ip: `127.1.${index >> 8}.${index & 255}`,
    intervalMillis: 1000,
    ...(port === undefined ? {} : { probe: { kind: 'tcp', port } as const }),
  };
});
prober.schedule({ set, remove: [] });
process.stdout.write('ready\n');
const until = performance.now() + (seconds ?? 0) * 1000;
while (performance.now() < until) await sleep(100);
const counters = prober.counters();
await prober[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify({ rows, notices, counters }));
