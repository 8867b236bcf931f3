import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, test } from 'vitest';
import { isSkipped } from '../../test/netns/requirements.ts';
import { parseTargetId } from '../core/ids.ts';
import type { ResultRow } from '../core/result/probe-result.ts';
import { rowsOf } from '../core/result/probe-result.ts';
import { phaseMillis } from '../core/result/schedule.ts';
import type { ProbedTarget, ProbeMethod, Prober } from './probe.ts';
import type { HostInternals } from './host/prober-host.ts';
import { openProberHost } from './host/prober-host.ts';
import { openSockets } from '../../test/probe/open-sockets.ts';

interface Opened {
  readonly prober: Prober;
  readonly rows: ResultRow[];
  readonly notices: string[];
  readonly workers: Worker[];
}

async function until(isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error(`in vain: ${isSo.toString()}`);
    await sleep(20);
  }
}

let opened: Opened | undefined;
afterEach(() => opened?.prober[Symbol.asyncDispose]());

async function open(
  methods?: readonly ProbeMethod[],
  options: { readonly maxInFlight?: number; readonly threads?: number } = {},
  internals: HostInternals = {},
): Promise<Opened> {
  const rows: ResultRow[] = [];
  const notices: string[] = [];
  const workers: Worker[] = [];
  const prober = await openProberHost(
    {
      timeoutMillis: 2000,
      maxInFlight: options.maxInFlight ?? 0,
      threads: options.threads ?? 1,
      tracerouteBinary: undefined,
      onResults: (batch) => rows.push(...rowsOf(batch)),
      onNotice: (message) => notices.push(message),
    },
    {
      ...(methods === undefined ? {} : { methods }),
      onWorker: (worker) => workers.push(worker),
      reverseLookup: () => Promise.resolve(['loopback.test']),
      ...internals,
    },
  );
  opened = { prober, rows, notices, workers };
  return opened;
}

function target(idNumber: number, ip: string, intervalMillis = 1000): ProbedTarget {
  const id = parseTargetId(idNumber);
  assert.ok(id !== undefined);
  return { id, ip, intervalMillis };
}

const loopback = (count: number, intervalMillis = 1000): ProbedTarget[] =>
  Array.from({ length: count }, (_, index) =>
    target(index + 1, index % 10 === 9 ? '::1' : `127.1.${index >> 8}.${index & 255 || 1}`, intervalMillis),
  );

const isRawSkipped = isSkipped('probing loopback with raw sockets', 'root');
const isPingSkipped = isSkipped("probing loopback with the system's ping", 'ping');
const outcomesOf = (rows: readonly ResultRow[]): ReadonlySet<string> => new Set(rows.map((row) => row.result.outcome));

/** A thread opens its sockets after starting, which takes time on a busy machine. */
async function socketsAreBack(count: number): Promise<void> {
  for (const giveUpAt = Date.now() + 10_000; openSockets() !== count && Date.now() < giveUpAt;) await sleep(20);
  assert.equal(openSockets(), count);
}

describe.skipIf(isRawSkipped)('with raw sockets', () => {
  test('1,000 targets at 1 Hz lose nothing, each at its planned times, with round trips of microseconds', async () => {
    const { prober, rows } = await open(['raw-socket']);
    assert.deepEqual([prober.status().ipv4, prober.status().ipv6], ['raw-socket', 'raw-socket']);
    prober.schedule({ set: loopback(1000), remove: [] });
    await sleep(4000);
    await prober[Symbol.asyncDispose]();
    assert.ok(rows.length >= 3500, `only ${rows.length} results`);
    assert.deepEqual([...outcomesOf(rows)], ['reply']);
    const slots = new Map<number, number[]>();
    for (const { targetId, sentAt, intervalMillis } of rows) {
      assert.equal(intervalMillis, 1000);
      assert.equal(sentAt % 1000, phaseMillis(targetId, 1000));
      slots.set(targetId, [...(slots.get(targetId) ?? []), sentAt]);
    }
    for (const times of slots.values()) assert.equal(new Set(times).size, times.length);
    const rtts = rows
      .flatMap(({ result }) => (result.outcome === 'reply' ? [result] : []))
      .sort((a, b) => a.rttMicros - b.rttMicros);
    const median = rtts[Math.floor(rtts.length / 2)];
    assert.equal(median?.replyTtl, 64);
    assert.ok((median.rttMicros ?? 0) < 100, `median of ${median.rttMicros} µs`);
    const { sent, replies, wrongReplies, duplicates, lateReplies } = prober.counters();
    assert.deepEqual([replies, wrongReplies, duplicates, lateReplies], [sent, 0, 0, 0]);
  });

  test('targets are added, changed and removed while others continue', async () => {
    const { prober, rows } = await open(['raw-socket']);
    prober.schedule({ set: [target(1, '127.0.0.1', 100), target(2, '127.0.0.2', 100)], remove: [] });
    await sleep(1000);
    prober.schedule({ set: [target(3, '::1', 100), target(2, '127.0.0.2', 500)], remove: [target(1, '127.0.0.1').id] });
    await sleep(300);
    const changedAt = Date.now();
    assert.equal(prober.counters().targets, 2);
    const countOf = (id: number, after: number): number =>
      rows.filter((row) => row.targetId === id && row.sentAt > after).length;
    await until(() => countOf(3, changedAt) >= 12 && countOf(2, changedAt) >= 2);
    await prober[Symbol.asyncDispose]();
    assert.ok(countOf(1, 0) >= 8 && countOf(1, changedAt) === 0);
    const mostSlots = Math.ceil((Date.now() - changedAt) / 500);
    assert.ok(countOf(2, changedAt) <= mostSlots, `${countOf(2, changedAt)} at 500 ms`);
    assert.deepEqual([...outcomesOf(rows)], ['reply']);
    const slots = rows.filter((row) => row.targetId === 3).map((row) => row.sentAt);
    slots.slice(1).forEach((slot, at) => assert.equal(slot - (slots[at] ?? 0), 100));
  });

  test('a probing thread that dies is restarted with all targets, and reported', async () => {
    const { prober, rows, notices, workers } = await open(['raw-socket']);
    prober.schedule({ set: loopback(20, 200), remove: [] });
    await sleep(800);
    const sentBefore = prober.counters().sent;
    const socketsBefore = openSockets();
    await workers[0]?.terminate();
    const diedAt = Date.now();
    const answeredSince = (): number =>
      new Set(rows.filter((row) => row.sentAt > diedAt).map((row) => row.targetId)).size;
    await until(() => prober.counters().sent > sentBefore + 50 && answeredSince() === 20);
    assert.equal(workers.length, 2);
    await socketsAreBack(socketsBefore);
    assert.ok(prober.status().isRunning);
    assert.equal(prober.counters().workerRestarts, 1);
    assert.match(notices.join(' '), /probing thread died/);
    assert.equal(new Set(rows.map((row) => `${row.targetId} ${row.sentAt}`)).size, rows.length);
    assert.deepEqual([...outcomesOf(rows)], ['reply']);
  });

  test('two threads share the targets, none probed twice; when one dies, the other continues', async () => {
    const { prober, rows, workers } = await open(['raw-socket'], { threads: 2 });
    // A probe half a second late is skipped: a busy machine is no reason for that.
    prober.schedule({ set: loopback(40, 500), remove: [] });
    const slotsOf = (id: number): number[] => rows.filter((row) => row.targetId === id).map((row) => row.sentAt);
    await until(() => rows.length > 60);
    assert.equal(workers.length, 2);
    assert.equal(prober.counters().targets, 40);
    await workers[0]?.terminate();
    const diedAt = Date.now();
    await until(() => slotsOf(1).some((slot) => slot > diedAt) && slotsOf(2).length >= 5 && rows.length > 150);
    const removed = loopback(40).slice(20);
    prober.schedule({ set: [], remove: removed.map(({ id }) => id) });
    await sleep(500);
    const { sent, replies, wrongReplies, workerRestarts, targets } = prober.counters();
    await prober[Symbol.asyncDispose]();
    assert.deepEqual([targets, workerRestarts, wrongReplies], [20, 1, 0]);
    assert.ok(sent > 150 && replies > 150, `${sent} sent, ${replies} replies`);
    assert.equal(workers.length, 3);
    assert.deepEqual([...outcomesOf(rows)], ['reply']);
    assert.equal(new Set(rows.map((row) => `${row.targetId} ${row.sentAt}`)).size, rows.length);
    // Ids of the second thread are odd: not one of their slots is missing.
    for (const { id } of loopback(40).filter((each) => each.id % 2 === 1)) {
      const slots = slotsOf(id);
      slots.slice(1).forEach((slot, at) => assert.equal(slot - (slots[at] ?? 0), 500, `target ${id}`));
    }
  });

  test('a stalled probing thread is noticed and restarted, and its sockets are closed', async () => {
    const workerUrl = new URL('../../test/probe/told-worker.ts', import.meta.url);
    const { prober, rows, notices, workers } = await open(['raw-socket'], {}, { workerUrl, watchMillis: 200 });
    prober.schedule({ set: loopback(20, 200), remove: [] });
    await sleep(500);
    const socketsBefore = openSockets();
    workers[0]?.postMessage('hang');
    await until(() => prober.counters().workerRestarts > 0);
    const restartedAt = Date.now();
    const answeredSince = (): number =>
      new Set(rows.filter((row) => row.sentAt > restartedAt).map((row) => row.targetId)).size;
    await until(() => answeredSince() === 20);
    assert.match(notices.join(' '), /stood still/);
    assert.deepEqual([prober.counters().workerRestarts, workers.length], [1, 2]);
    await socketsAreBack(socketsBefore);
    assert.equal(new Set(rows.map((row) => `${row.targetId} ${row.sentAt}`)).size, rows.length);
    assert.deepEqual([...outcomesOf(rows)], ['reply']);
  });

  test('a probe that a limit holds back is not a loss', async () => {
    const { prober, rows } = await open(['raw-socket'], { maxInFlight: 1 });
    prober.schedule({ set: loopback(300, 100), remove: [] });
    await sleep(500);
    const outcomes = outcomesOf(rows);
    assert.ok(!outcomes.has('timeout') && outcomes.has('not-sent') && outcomes.has('reply'));
    assert.equal(prober.counters().timeouts, 0);
  });

  test('loopback is one hop away in both families, with its name, while probing continues', async () => {
    const { prober } = await open(['raw-socket']);
    prober.schedule({ set: loopback(100, 100), remove: [] });
    const { signal } = new AbortController();
    for (const ip of ['127.0.0.1', '::1']) {
      const path = await prober.trace(
        { ip, maxHops: 30, timeoutMillis: 3000, rounds: 1, isNamed: true, silentTtls: [] },
        signal,
      );
      assert.ok(path.isDestinationReached);
      assert.deepEqual(
        path.hops.map(({ ttl, ip: hop, host }) => [ttl, hop, host]),
        [[1, ip, 'loopback.test']],
      );
    }
    assert.equal(prober.counters().wrongReplies, 0);
  });

  test('an aborted trace rejects with the reason of the abort', async () => {
    const { prober } = await open(['raw-socket']);
    const controller = new AbortController();
    const trace = prober.trace(
      { ip: '127.0.0.1', maxHops: 3, timeoutMillis: 3000, rounds: 1, isNamed: true, silentTtls: [] },
      controller.signal,
    );
    controller.abort(new Error('changed my mind'));
    await assert.rejects(trace, /changed my mind/);
  });

  test('disposing ends the thread within a second and a half', async () => {
    const { prober, workers } = await open(['raw-socket']);
    prober.schedule({ set: loopback(100, 100), remove: [] });
    await sleep(300);
    const startedAt = performance.now();
    await prober[Symbol.asyncDispose]();
    assert.ok(performance.now() - startedAt < 1500);
    assert.equal(workers[0]?.threadId, -1);
  });
});

describe.skipIf(isPingSkipped)("with the system's ping", () => {
  test('both families are probed, slowly, and no process is left behind', async () => {
    const { prober, rows } = await open(['system-ping']);
    assert.equal(prober.status().ipv4, 'system-ping');
    assert.match(prober.status().message, /ping_group_range/);
    prober.schedule({ set: [target(1, '127.0.0.1', 200), target(2, '::1', 200)], remove: [] });
    await sleep(1500);
    await prober[Symbol.asyncDispose]();
    assert.deepEqual(new Set(rows.map((row) => row.targetId)), new Set([1, 2]));
    assert.deepEqual([...outcomesOf(rows)], ['reply']);
    const children = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'comm='], { encoding: 'utf8' });
    assert.ok(!/^ping/m.test(children), children);
    await assert.rejects(
      prober.trace(
        { ip: '127.0.0.1', maxHops: 3, timeoutMillis: 1000, rounds: 1, isNamed: true, silentTtls: [] },
        new AbortController().signal,
      ),
      { code: 'trace-unavailable' },
    );
  });
});

test('without any way to probe, probes are not sent rather than lost, and the remedy is reported', async () => {
  const { prober, rows } = await open([]);
  assert.equal(prober.status().ipv4, 'none');
  prober.schedule({ set: [target(1, '127.0.0.1', 100)], remove: [] });
  await sleep(500);
  assert.deepEqual([...outcomesOf(rows)], ['not-sent']);
});
