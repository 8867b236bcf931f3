import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { TimingWheel } from './timing-wheel.ts';

test('every entry fires once, at the first advance at or after its time, whatever the order of the steps', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('schedule' as const),
        index: fc.nat(40),
        ahead: fc.integer({ min: 1, max: 9000 }),
      }),
      fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(40) }),
      fc.record({ kind: fc.constant('advance' as const), by: fc.double({ min: 0, max: 6000, noNaN: true }) }),
    ),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(steps, (steps) => {
      let now = 1_700_000_000_000;
      const wheel = new TimingWheel(now);
      const model = new Map<number, number>();
      for (const step of steps) {
        if (step.kind === 'schedule') {
          const due = Math.floor(now) + step.ahead;
          wheel.schedule(step.index, due);
          model.set(step.index, due);
        } else if (step.kind === 'cancel') {
          wheel.cancel(step.index);
          model.delete(step.index);
        } else {
          now += step.by;
          const fired: [number, number][] = [];
          wheel.advance(now, (index, due) => fired.push([index, due]));
          const expected = [...model].filter(([, due]) => due <= now);
          for (const [index] of expected) model.delete(index);
          assert.deepEqual(
            fired.sort(([a], [b]) => a - b),
            expected.sort(([a], [b]) => a - b),
          );
        }
      }
    }),
  );
});

test('an entry that schedules itself again while it fires continues for ever', () => {
  const wheel = new TimingWheel(0);
  wheel.schedule(3, 100);
  const fired: number[] = [];
  for (let now = 0; now <= 20_000; now += 7) {
    wheel.advance(now, (index, due) => {
      fired.push(due);
      wheel.schedule(index, due + 4096);
    });
  }
  assert.deepEqual(fired, [100, 4196, 8292, 12_388, 16_484]);
});

test('the quiet time ends with the next entry and never after the limit', () => {
  const wheel = new TimingWheel(1000);
  assert.equal(wheel.quietMillis(50), 50);
  wheel.schedule(0, 1020);
  assert.equal(wheel.quietMillis(50), 20);
  wheel.schedule(1, 1004 + 4096);
  assert.equal(wheel.quietMillis(50), 20);
});
