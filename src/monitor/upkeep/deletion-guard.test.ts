import assert from 'node:assert/strict';
import { test } from 'vitest';
import { createHistoryClock } from '../clock.ts';
import { createDeletionGuard } from './deletion-guard.ts';

const day = 86_400_000;
const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
const keepAll = { rawDays: 0, minuteDays: 0, hourDays: 0 };

function guarded(): {
  readonly time: { wall: number; monotonic: number };
  readonly notices: string[];
  readonly look: () => unknown;
  readonly clock: ReturnType<typeof createHistoryClock>;
} {
  const time = { wall: 1_800_000_000_000, monotonic: 0 };
  const notices: string[] = [];
  const clock = createHistoryClock(() => time.wall);
  const onNotice = (message: string): void => void notices.push(message);
  const look = createDeletionGuard({ clock, retention, onNotice, monotonic: () => time.monotonic });
  return { time, notices, look, clock };
}

function pass({ time }: ReturnType<typeof guarded>, millis: number): void {
  time.wall += millis;
  time.monotonic += millis;
}

test('passing days and a night of sleep do not affect deletion by age', () => {
  const given = guarded();
  for (let days = 0; days < 10; days++) {
    pass(given, day);
    assert.equal(given.look(), retention);
  }
  given.time.wall += day / 3;
  assert.equal(given.look(), retention);
  assert.deepEqual(given.notices, []);
});

test('a leap of more than a day stops deletion by age for a day of running time, and is reported once', () => {
  const given = guarded();
  given.time.wall += 365 * day;
  assert.deepEqual(given.look(), keepAll);
  pass(given, day - 1);
  assert.deepEqual(given.look(), keepAll);
  pass(given, 2);
  assert.equal(given.look(), retention);
  assert.equal(given.notices.length, 1);
  assert.match(given.notices[0] ?? '', /forward by 365\.0 days/);
});

test('nothing is deleted while the newest results lie in a future that the clock has returned from', () => {
  const given = guarded();
  given.clock.reach(given.time.wall + 400 * day);
  assert.deepEqual(given.look(), keepAll);
  pass(given, 10 * day);
  assert.deepEqual(given.look(), keepAll);
  pass(given, 390 * day);
  assert.equal(given.look(), retention);
});
