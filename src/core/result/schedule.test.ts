import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import type { TargetId } from '../ids.ts';
import { nextSlotAfter, phaseMillis } from './schedule.ts';

const ids = fc.integer({ min: 1, max: 2_147_483_647 }).map((id) => id as TargetId);
const intervals = fc.integer({ min: 100, max: 3_600_000 });
const times = fc.double({ min: 0, max: 4e12, noNaN: true });

test('a phase is a whole number of milliseconds inside the interval', () => {
  fc.assert(
    fc.property(ids, intervals, (id, interval) => {
      const phase = phaseMillis(id, interval);
      assert.ok(Number.isInteger(phase) && phase >= 0 && phase < interval);
    }),
  );
});

test('the next planned time is later than now, at most one interval away, and congruent to the phase', () => {
  fc.assert(
    fc.property(ids, intervals, times, (id, interval, time) => {
      const slot = nextSlotAfter(id, interval, time);
      assert.ok(Number.isInteger(slot) && slot > time && slot <= time + interval);
      assert.equal((((slot - phaseMillis(id, interval)) % interval) + interval) % interval, 0);
    }),
  );
});

test('planned times are exactly one interval apart, for a day', () => {
  let slot = nextSlotAfter(7 as TargetId, 1000, 1_700_000_000_000.5);
  for (let second = 0; second < 86_400; second++) {
    const next = nextSlotAfter(7 as TargetId, 1000, slot);
    assert.equal(next, slot + 1000);
    slot = next;
  }
});

test('1,000 targets of consecutive ids at 1 Hz leave no 10 ms with more than 12 of them', () => {
  const perSlice = new Array<number>(100).fill(0);
  for (let id = 5000; id < 6000; id++) {
    const slice = Math.floor(phaseMillis(id as TargetId, 1000) / 10);
    perSlice[slice] = (perSlice[slice] ?? 0) + 1;
  }
  assert.ok(Math.max(...perSlice) <= 12 && Math.min(...perSlice) >= 8, perSlice.join(' '));
});
