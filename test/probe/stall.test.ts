import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import type { ResultRow } from '../../src/core/result/probe-result.ts';
import type { ProberCounters } from '../../src/probe/probe.ts';
import { isSkipped } from '../netns/requirements.ts';

const stallMillis = 5000;
const targets = 500;

test.skipIf(isSkipped('a process that is stopped and continued', 'root')).for([
  [1, 'ICMP'],
  [2, 'ICMP'],
  [1, 'TCP'],
] as const)(
  'a process stopped for five seconds leaves gaps, no losses and no burst, with %s probing threads over %s',
  async ([threads, kind]) => {
    const listener = createServer((socket) => void socket.on('error', () => undefined));
    listener.listen(0, '0.0.0.0');
    await once(listener, 'listening');
    const port = String((listener.address() as AddressInfo).port);
    const script = new URL('./stalled-run.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, '10', String(threads), ...(kind === 'TCP' ? [port] : [])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = text(child.stdout);
    await once(child.stdout, 'data');
    await sleep(2500);
    const stoppedAt = Date.now();
    child.kill('SIGSTOP');
    await sleep(stallMillis);
    const continuedAt = Date.now();
    child.kill('SIGCONT');
    await once(child, 'exit');
    listener.close();
    const report = (await output).replace('ready\n', '');
    const { rows, notices, counters } = JSON.parse(report) as {
      readonly rows: readonly ResultRow[];
      readonly notices: readonly string[];
      readonly counters: ProberCounters;
    };
    const lost = rows.filter(({ result }) => result.outcome !== 'reply');
    assert.deepEqual(lost, []);
    assert.deepEqual([counters.timeouts, counters.lateReplies, counters.workerRestarts], [0, 0, 0]);
    const slow = rows.filter(({ result }) => result.outcome === 'reply' && result.rttMicros > 100_000);
    assert.deepEqual(slow, [], 'no round trip holds the stall');
    assert.equal(new Set(rows.map((row) => `${row.targetId} ${row.sentAt}`)).size, rows.length);
    // The last second of the stall may still be sent; before it nothing was.
    const inStall = rows.filter(({ sentAt }) => sentAt > stoppedAt + 100 && sentAt < continuedAt - 1000);
    assert.equal(inStall.length, 0);
    const perTarget = new Map<number, number>();
    for (const { targetId, sentAt } of rows) {
      if (sentAt >= continuedAt - 1000 && sentAt < continuedAt + 1000) {
        perTarget.set(targetId, (perTarget.get(targetId) ?? 0) + 1);
      }
    }
    assert.ok(perTarget.size > targets * 0.9, `${perTarget.size} targets are probed again`);
    assert.ok(Math.max(...perTarget.values()) <= 2, 'nothing is made up for');
    assert.match(notices.join(' '), /Probing was held up for/);
  },
);
