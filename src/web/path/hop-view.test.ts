import assert from 'node:assert/strict';
import { test } from 'vitest';
import { figuresOf, lossesOnTheWay, viewsOfLive } from './hop-view.ts';

const answer = (hop: number, ip: string, kind: 'passed' | 'reached' = 'passed', rtt = 1) => ({
  hop,
  ip,
  kind,
  rtt_ms: rtt,
  mpls: [],
});

test('answers out of order make a path without gaps that ends at the destination', () => {
  const views = viewsOfLive([
    answer(5, 'z', 'reached'),
    answer(3, 'z', 'reached'),
    answer(1, 'a'),
    answer(1, 'b', 'passed', 3),
  ]);
  assert.deepEqual(
    views.map(({ ttl, addresses }) => [ttl, addresses.map(({ ip }) => ip)]),
    [
      [1, ['a', 'b']],
      [2, []],
      [3, ['z']],
    ],
  );
  const [first] = views;
  assert.ok(first !== undefined);
  assert.deepEqual(figuresOf(first), { rttsMs: [1, 3], min: 1, avg: 2, max: 3, loss: null });
});

test('loss is known once the number of sent probes is, and silence has no round trip', () => {
  const silent = { ttl: 2, addresses: [], sentCount: 3, mark: null };
  assert.deepEqual(figuresOf(silent), { rttsMs: [], min: null, avg: null, max: null, loss: 1 });
  const half = { ttl: 1, addresses: [{ ip: 'a', host: null, rttsMs: [2], labels: [] }], sentCount: 2, mark: null };
  assert.equal(figuresOf(half).loss, 0.5);
});

test('loss is on the way only where every later hop that answers has some too', () => {
  const hop = (answers: number, sentCount = 3) =>
    figuresOf({
      ttl: 1,
      addresses: answers === 0 ? [] : [{ ip: 'a', host: null, rttsMs: Array(answers).fill(1), labels: [] }],
      sentCount,
      mark: null,
    });
  assert.deepEqual(lossesOnTheWay([hop(3), hop(1), hop(3)]), [false, false, false]);
  assert.deepEqual(lossesOnTheWay([hop(1), hop(3), hop(2), hop(0), hop(2)]), [false, false, true, false, true]);
  assert.deepEqual(lossesOnTheWay([hop(3), hop(2), hop(0)]), [false, true, true]);
});
