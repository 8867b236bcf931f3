import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { histogramOf } from './histogram.ts';
import { DenseSketch } from './sketch.ts';

function sketchOf(rtts: readonly number[]): DenseSketch {
  const sketch = new DenseSketch();
  for (const rtt of rtts) sketch.add(rtt);
  return sketch;
}

test('every round trip is counted in the bin that contains it, and bins do not overlap', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 60 }), (rtts) => {
      const bins = histogramOf(sketchOf(rtts));
      for (const { fromMicros, toMicros, count } of bins) {
        assert.equal(count, rtts.filter((rtt) => rtt >= fromMicros && rtt < toMicros).length);
      }
      assert.equal(
        bins.reduce((sum, { count }) => sum + count, 0),
        rtts.length,
      );
      for (const [index, bin] of bins.entries()) assert.ok(bin.fromMicros >= (bins[index - 1]?.toMicros ?? 0));
    }),
  );
});

test('a narrow distribution keeps the finest bins, a wide one has fewer and wider ones', () => {
  const narrow = histogramOf(sketchOf(Array.from({ length: 1000 }, (_, index) => 20_000 + index)));
  assert.ok(narrow.length >= 7 && narrow.every(({ fromMicros, toMicros }) => toMicros - fromMicros === 128));
  const wide = histogramOf(sketchOf(Array.from({ length: 5000 }, (_, index) => Math.round(100 * 1.002 ** index))));
  assert.ok(wide.length <= 97 && wide.length > 40, String(wide.length));
});

test('no replies have no bins', () => assert.deepEqual(histogramOf(sketchOf([])), []));
