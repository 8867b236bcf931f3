import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { stepFor, steps, tileRange, tilesOf } from './time-steps.ts';

const minute = 60_000;
const day = 86_400_000;
const noon = Date.UTC(2026, 5, 1, 12);

test.each([
  [15 * minute, 1000, 1],
  [60 * minute, 1000, 2],
  [day, 1000, 60],
  [7 * day, 1000, 600],
  [365 * day, 1000, 21_600],
  [1827 * day, 1000, 86_400],
  [1827 * day, 320, 86_400],
])('%i ms on %i pixels are drawn in buckets of %i s', (length, width, step) => {
  assert.equal(stepFor({ from: noon - length, to: noon }, width), step);
});

test('there are never more than two buckets per pixel, nor much fewer if a finer step exists', () => {
  fc.assert(
    fc.property(fc.integer({ min: minute, max: 1200 * day }), fc.integer({ min: 200, max: 2500 }), (length, width) => {
      const step = stepFor({ from: noon - length, to: noon }, width);
      assert.ok(length / 1000 / step <= width * 2 || step === 86_400);
      const finer = steps[steps.indexOf(step) - 1];
      if (finer !== undefined) assert.ok(length / 1000 / finer > width * 2);
    }),
  );
});

test('tiles cover their range without gaps, and the server accepts each of them', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2e12 }),
      fc.integer({ min: 1, max: 5e10 }),
      fc.constantFrom(...steps),
      (from, length, step) => {
        const range = { from, to: from + length };
        const tiles = tilesOf(step, range).map(tileRange);
        assert.ok((tiles[0]?.from ?? Infinity) <= range.from && (tiles.at(-1)?.to ?? 0) >= range.to);
        for (const [index, tile] of tiles.entries()) {
          assert.equal(tile.from, tiles[index - 1]?.to ?? tile.from);
          assert.ok(tile.to > range.from && tile.from < range.to);
          assert.ok((tile.to - tile.from) / 1000 / step <= 5000 && tile.to - tile.from <= 1827 * day);
        }
      },
    ),
    { numRuns: 30 },
  );
});
