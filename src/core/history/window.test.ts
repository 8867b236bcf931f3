import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { dayMillis, hourMillis, minuteMillis } from './time-buckets.ts';
import { planWindow, widenToRetained } from './window.ts';

const start = Date.UTC(2026, 0, 1);
const allRetained = { raw: 0, minute: 0 };

function resolutions(length: number, bucketMillis: number, from = start, retained = allRetained): string[] {
  return planWindow({ from, to: from + length, bucketMillis }, retained).map(({ resolution }) => resolution);
}

test('short windows and odd buckets are answered from raw results', () => {
  assert.deepEqual(resolutions(hourMillis, minuteMillis), ['raw']);
  assert.deepEqual(resolutions(dayMillis, 30_000), ['raw']);
  assert.deepEqual(resolutions(dayMillis, 90_000), ['raw']);
});

test('longer windows are answered from the coarsest rollups that the buckets allow', () => {
  assert.deepEqual(resolutions(dayMillis, 5 * minuteMillis), ['1m']);
  assert.deepEqual(resolutions(30 * dayMillis, hourMillis), ['1h']);
  assert.deepEqual(resolutions(30 * dayMillis, 30 * minuteMillis), ['1m']);
  assert.deepEqual(resolutions(1826 * dayMillis, dayMillis), ['1h']);
});

test('ragged edges are answered from finer data', () => {
  const parts = resolutions(30 * dayMillis, hourMillis, start + 90_500);
  assert.deepEqual(parts, ['raw', '1m', '1h', '1m', 'raw']);
});

test('where retention has deleted finer data, the next coarser answers', () => {
  const retained = { raw: start + 5 * hourMillis, minute: start };
  assert.deepEqual(resolutions(6 * hourMillis, minuteMillis, start, retained), ['1m', 'raw']);
  const later = { raw: start + 40 * dayMillis, minute: start + 20 * dayMillis };
  assert.deepEqual(resolutions(hourMillis, minuteMillis, start, later), ['1h']);
});

test('a window inside a rollup whose finer data are gone is answered by that rollup, and says so', () => {
  const retained = { raw: start + 40 * dayMillis, minute: start + 20 * dayMillis };
  const widen = (from: number, to: number, bucketMillis: number): number[] => {
    const wide = widenToRetained({ from: start + from, to: start + to, bucketMillis }, retained);
    return [wide.from - start, wide.to - start, wide.bucketMillis];
  };
  const [half, three] = [30 * minuteMillis, 3 * hourMillis];
  assert.deepEqual(widen(half, half + minuteMillis, 1000), [0, hourMillis, hourMillis]);
  assert.deepEqual(widen(half, 2 * hourMillis + half, 90 * minuteMillis), [0, three, 2 * hourMillis]);
  const inMinutes = 30 * dayMillis;
  assert.deepEqual(widen(inMinutes + 20_000, inMinutes + 80_000, 1000), [inMinutes, inMinutes + 120_000, 60_000]);
  const inRaw = 50 * dayMillis;
  assert.deepEqual(widen(inRaw + 20_500, inRaw + 80_500, 1000), [inRaw + 20_500, inRaw + 80_500, 1000]);
});

test('the parts tile the window', () => {
  const query = fc.record({
    from: fc.integer({ min: start, max: start + 40 * dayMillis }),
    length: fc.oneof(
      fc.integer({ min: 1, max: 10 * hourMillis }),
      fc.integer({ min: minuteMillis, max: 1827 * dayMillis }),
    ),
    bucketMillis: fc.constantFrom(1000, 7000, minuteMillis, 90_000, 15 * minuteMillis, hourMillis, dayMillis),
    rawHours: fc.nat(1000),
    minuteDays: fc.nat(40),
  });
  fc.assert(
    fc.property(query, ({ from, length, bucketMillis, rawHours, minuteDays }) => {
      const minute = start + minuteDays * dayMillis;
      const retained = { minute, raw: Math.max(minute, start + rawHours * hourMillis) };
      const parts = planWindow({ from, to: from + length, bucketMillis }, retained);
      let at = from;
      for (const part of parts) {
        assert.equal(part.from, at);
        assert.ok(part.to > part.from);
        if (part.resolution === 'raw') assert.ok(part.from >= retained.raw);
        if (part.resolution === '1m') assert.ok(part.from >= retained.minute);
        at = part.to;
      }
      assert.equal(at, from + length);
    }),
  );
});
