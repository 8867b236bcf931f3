import assert from 'node:assert/strict';
import { test } from 'vitest';
import { ScheduleClock } from './schedule-clock.ts';

const wall = 1_700_000_000_000;

test('a wall clock set forward is followed at once, a small difference is not', () => {
  const clock = new ScheduleClock(wall, 0, Number.NEGATIVE_INFINITY);
  assert.equal(clock.observe(wall + 1900, 1000), undefined);
  assert.equal(clock.at(1000), wall + 1000);
  assert.deepEqual(clock.observe(wall + 61_000, 1000), { kind: 'forward', byMillis: 60_000 });
  assert.equal(clock.at(1000), wall + 61_000);
});

test('a wall clock set back is reported once and never makes time go back', () => {
  const clock = new ScheduleClock(wall, 0, Number.NEGATIVE_INFINITY);
  assert.deepEqual(clock.observe(wall - 59_000, 1000), { kind: 'backward', byMillis: 60_000 });
  assert.equal(clock.observe(wall - 58_000, 2000), undefined);
  assert.equal(clock.at(2000), wall + 2000);
  assert.equal(clock.observe(wall + 3000, 3000), undefined);
  assert.equal(clock.observe(wall - 56_000, 4000)?.kind, 'backward');
});

test('the next thread continues from the anchor of the previous one', () => {
  const first = new ScheduleClock(wall, 0, Number.NEGATIVE_INFINITY);
  const second = new ScheduleClock(wall - 3_600_000, 5000, first.anchorMillis);
  assert.equal(second.at(5000), wall + 5000);
});
