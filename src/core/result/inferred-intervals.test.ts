import assert from 'node:assert/strict';
import { test } from 'vitest';
import { inferIntervals } from './inferred-intervals.ts';

const second = 1000;
const minute = 60_000;
const steps = (...lengths: number[]): number[] =>
  lengths.reduce<number[]>((all, step) => [...all, (all.at(-1) ?? 0) + step], [0]);
const inferred = (...lengths: number[]): number[] => [...inferIntervals(steps(...lengths), second)];

test('rows a minute apart are each valid for a minute, the last one too', () => {
  assert.deepEqual(inferred(minute, minute, minute), [minute, minute, minute, minute]);
});

test('a gap stays a gap: the row before it is valid for the usual step', () => {
  assert.deepEqual(
    inferred(minute, minute, 20 * minute, minute, minute),
    Array.from({ length: 6 }, () => minute),
  );
});

test('steps that vary cover the time between the rows', () => {
  assert.deepEqual(inferred(58_000, 62_000, 60_000, 61_000), [58_000, 62_000, 60_000, 61_000, 60_000]);
});

test('rows of one time, a row alone and steps of days', () => {
  assert.deepEqual(
    inferred(minute, 0, minute, minute),
    Array.from({ length: 5 }, () => minute),
  );
  assert.deepEqual(inferred(), [second]);
  assert.deepEqual(
    inferred(24 * 60 * minute, 24 * 60 * minute),
    Array.from({ length: 3 }, () => 60 * minute),
  );
});

test('a change of the interval is followed', () => {
  const answer = inferred(...Array.from({ length: 10 }, () => second), ...Array.from({ length: 10 }, () => minute));
  assert.deepEqual(
    [answer.slice(0, 10), answer.slice(11)],
    [Array.from({ length: 10 }, () => second), Array.from({ length: 10 }, () => minute)],
  );
});
