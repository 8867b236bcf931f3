import assert from 'node:assert/strict';
import { test } from 'vitest';
import { TraceRounds } from './trace-rounds.ts';

const rounds = (maxHops = 5, timeoutMillis = 10_000, rounds = 1, silentTtls: readonly number[] = []) =>
  new TraceRounds({ maxHops, timeoutMillis, rounds, silentTtls, startMillis: 0 });
const passed = (ttl: number, rttMicros = 1000 * ttl) => {
  return { ttl, ip: `10.0.0.${ttl}`, rttMicros, mplsLabels: [], kind: 'passed' as const };
};
const reached = (ttl: number, rttMicros = 9000) => {
  return { ttl, ip: '10.0.9.9', rttMicros, mplsLabels: [], kind: 'reached' as const };
};

test('all TTLs go out at once, and a trace whose hops all answered ends without waiting', () => {
  const trace = rounds();
  assert.deepEqual(trace.take(0), [1, 2, 3, 4, 5]);
  for (const answer of [reached(4), passed(2), passed(1), reached(3)]) trace.answer(answer);
  assert.ok(trace.isFinished(20));
  assert.deepEqual(
    trace.path().hops.map((hop) => hop.ip),
    ['10.0.0.1', '10.0.0.2', '10.0.9.9'],
  );
  assert.ok(trace.path().isDestinationReached);
});

test('after the destination answered, silent hops are probed twice more at once, which costs a tenth of a second', () => {
  const trace = rounds();
  trace.take(0);
  for (const answer of [passed(1), reached(4), reached(5)]) trace.answer(answer);
  assert.deepEqual(trace.take(29), []);
  assert.deepEqual(trace.take(30), [2, 3]);
  trace.answer(passed(3));
  assert.deepEqual(trace.take(60), [2]);
  assert.deepEqual(trace.take(89), []);
  assert.ok(!trace.isFinished(89));
  assert.ok(trace.isFinished(90));
  const silent = { ttl: 2, ip: undefined, rttMicros: undefined, sent: 3, answers: [] };
  assert.deepEqual(trace.path().hops[1], silent);
});

test('on a long way silent hops get one and a half round trips of the slowest hop each time', () => {
  const trace = rounds();
  trace.take(0);
  for (const answer of [passed(1), reached(3, 200_000)]) trace.answer(answer);
  assert.deepEqual(trace.take(299), []);
  assert.deepEqual(trace.take(300), [2]);
  assert.deepEqual(trace.take(600), [2]);
  assert.ok(!trace.isFinished(899));
  assert.ok(trace.isFinished(900));
});

test('on a short way silent hops get ten round trips of the slowest hop in all', () => {
  const trace = rounds();
  trace.take(0);
  for (const answer of [passed(1, 300), reached(3, 3000)]) trace.answer(answer);
  assert.deepEqual(trace.take(9), []);
  assert.deepEqual(trace.take(10), [2]);
  assert.deepEqual(trace.take(20), [2]);
  assert.ok(!trace.isFinished(29));
  assert.ok(trace.isFinished(30));
});

test('hops that were silent the last time cost no time, others still get their full time', () => {
  const trace = rounds(5, 10_000, 1, [2]);
  trace.take(0);
  for (const answer of [passed(1), reached(4)]) trace.answer(answer);
  assert.ok(!trace.isFinished(29));
  assert.deepEqual(trace.take(30), [2, 3]);
  trace.answer(passed(3, 35_000));
  assert.ok(!trace.isFinished(73));
  assert.ok(trace.isFinished(74));
  const again = rounds(5, 10_000, 1, [2]);
  again.take(0);
  for (const answer of [passed(1), passed(3), reached(4)]) again.answer(answer);
  assert.ok(!again.isFinished(11));
  assert.ok(again.isFinished(12));
});

test('while the destination has not answered, missing hops are probed once a second, three times in all', () => {
  const trace = rounds();
  trace.take(0);
  for (const answer of [passed(1), passed(3)]) trace.answer(answer);
  assert.deepEqual(trace.take(999), []);
  assert.deepEqual(trace.take(1000), [2, 4, 5]);
  assert.deepEqual(trace.take(1999), []);
  assert.deepEqual(trace.take(2000), [2, 4, 5]);
  assert.deepEqual(trace.take(3000), []);
});

test('a destination that never answers leaves silent hops up to the highest TTL', () => {
  const trace = rounds();
  trace.answer(passed(1));
  for (const at of [0, 1000, 2000]) trace.take(at);
  assert.ok(!trace.isFinished(3499));
  assert.ok(trace.isFinished(3500));
  assert.equal(trace.path().hops.length, 5);
  assert.ok(!trace.path().isDestinationReached);
});

test('a router that refuses ends the path without the destination', () => {
  const trace = rounds();
  trace.take(0);
  trace.answer(passed(1));
  trace.answer({ ...passed(2), kind: 'refused' });
  trace.answer({ ...passed(3), kind: 'refused' });
  assert.ok(trace.isFinished(10));
  assert.equal(trace.path().hops.length, 2);
  assert.ok(!trace.path().isDestinationReached);
});

test('the timeout ends a trace whatever is still missing', () => {
  const trace = rounds(30, 500);
  trace.take(0);
  assert.ok(trace.isFinished(500));
});

test('of two answers of one hop the faster counts, because the slower may have waited for address resolution', () => {
  const trace = rounds();
  trace.take(0);
  trace.answer({ ...passed(1), rttMicros: 1_001_000 });
  trace.answer({ ...passed(1), rttMicros: 900 });
  trace.answer({ ...passed(1), rttMicros: 5000 });
  assert.equal(trace.path().hops[0]?.rttMicros, 900);
});

test('with several rounds, every hop is probed equally often, and every answer counts with its address', () => {
  const trace = rounds(5, 10_000, 3);
  assert.deepEqual(trace.take(0), [1, 2, 3, 4, 5]);
  for (const answer of [passed(1), reached(2), reached(3)]) trace.answer(answer);
  assert.ok(!trace.isFinished(20));
  assert.deepEqual(trace.take(1000), [1, 2]);
  for (const answer of [{ ...passed(1), ip: '10.0.7.7', rttMicros: 1500 }, reached(2)]) trace.answer(answer);
  assert.deepEqual(trace.take(2000), [1, 2]);
  trace.answer(reached(2));
  assert.ok(!trace.isFinished(2100));
  assert.ok(trace.isFinished(2200));
  const [first, second] = trace.path().hops;
  assert.deepEqual(first?.answers, [
    { ip: '10.0.0.1', rttMicros: 1000, mplsLabels: [] },
    { ip: '10.0.7.7', rttMicros: 1500, mplsLabels: [] },
  ]);
  assert.deepEqual([first?.sent, first?.ip, second?.sent, second?.answers.length], [3, '10.0.0.1', 3, 3]);
});

test('with several rounds, a trace whose probes were all answered ends without waiting', () => {
  const trace = rounds(2, 10_000, 2);
  for (const at of [0, 1000]) {
    trace.take(at);
    for (const answer of [passed(1), reached(2)]) trace.answer(answer);
  }
  assert.ok(trace.isFinished(1001));
});
