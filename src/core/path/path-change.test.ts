import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { Hop, Path } from './path.ts';
import { describeEvent } from '../event/describe-event.ts';
import { type TargetId, mainVantage } from '../ids.ts';
import { addressesOf, comparePaths, pathChangeEvent, pathChange } from './path-change.ts';

function hop(ttl: number, ...ips: readonly string[]): Hop {
  const answers = ips.map((ip) => ({ ip, host: undefined, rttMicros: 1000, mplsLabels: [] }));
  return { ttl, ip: ips[0], host: undefined, rttMicros: ips.length === 0 ? undefined : 1000, sent: 3, answers };
}

/** `*` is silence, `a|b` two addresses. */
function path(text: string): Path {
  const hops = text.split(' ').map((word, index) => hop(index + 1, ...(word === '*' ? [] : word.split('|'))));
  return { startedAt: 0, finishedAt: 1, hops, isDestinationReached: true };
}

const changedAt = (now: string, ...earlier: readonly string[]): number | undefined =>
  pathChange(path(now), earlier.map(path))?.ttl;

test('the first trace and an identical one are not changes', () => {
  assert.equal(changedAt('a b c'), undefined);
  assert.equal(changedAt('a b c', 'a b c'), undefined);
});

test('another address at a hop is a change, and the first such hop is named', () => {
  assert.equal(changedAt('a x y', 'a b c'), 2);
  const change = pathChange(path('a x|y'), [path('a b')]);
  assert.ok(change !== undefined);
  assert.equal(
    describeEvent(pathChangeEvent({ targetId: 1 as TargetId, vantage: mainVantage }, change, 0)),
    'Route changed at hop 2: b → x, y',
  );
});

test('a hop that is silent now or was silent before is not a change', () => {
  assert.equal(changedAt('a * c', 'a b c'), undefined);
  assert.equal(changedAt('a b c', 'a * c'), undefined);
  assert.equal(changedAt('a x c', 'a * c', 'a b c'), 2);
});

test('a destination that came closer or moved away is a change', () => {
  assert.equal(changedAt('a c', 'a b c'), 2);
  assert.equal(changedAt('a b x c', 'a b c'), 3);
});

test('paths that alternate are one route once both have been seen', () => {
  assert.equal(changedAt('a x c', 'a b c'), 2);
  assert.equal(changedAt('a b c', 'a x c', 'a b c'), undefined);
  assert.equal(changedAt('a x c', 'a b c', 'a x c'), undefined);
  assert.equal(changedAt('a b|x c', 'a b c'), undefined);
});

test('a path seen longer ago than the memory reaches is a change again', () => {
  assert.equal(changedAt('a b c', ...Array.from({ length: 5 }, () => 'a x c'), 'a b c'), 2);
});

test('two routes side by side', () => {
  const kinds = (one: string, other: string) =>
    comparePaths(path(one).hops.map(addressesOf), path(other).hops.map(addressesOf));
  assert.deepEqual(kinds('a b c', 'a x c'), ['same', 'changed', 'same']);
  assert.deepEqual(kinds('a * *', 'a b *'), ['same', 'silent', 'same']);
  assert.deepEqual(kinds('a b', 'a b c'), ['same', 'same', 'onlyRight']);
  assert.deepEqual(kinds('a b c', 'a'), ['same', 'onlyLeft', 'onlyLeft']);
});
