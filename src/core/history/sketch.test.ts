import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { bucketCount, bucketMiddleMicros, bucketOf, checkSketch, DenseSketch, sketchErrorRatio } from './sketch.ts';
import { percentileOf } from '../result/statistics.ts';

const rtt = fc.oneof(fc.nat(300), fc.nat(0xffff), fc.nat(5_000_000), fc.nat(0xffff_ffff));
const ratios = [0, 0.1, 0.5, 0.9, 0.95, 0.99, 1];

function sketchOf(values: readonly number[]): DenseSketch {
  const sketch = new DenseSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

test('a bucket is the top of the float64 of its values', () => {
  fc.assert(
    fc.property(rtt, (value) => {
      const bits = new DataView(new ArrayBuffer(8));
      bits.setFloat64(0, value);
      const top = value === 0 ? 0 : (bits.getUint32(0) >>> 13) - 1023 * 128 + 1;
      assert.equal(bucketOf(value), top);
    }),
  );
  assert.equal(bucketOf(0xffff_ffff), bucketCount - 1);
});

test('the middle of a bucket is within the bound of each of its values, and exact below 256', () => {
  fc.assert(
    fc.property(rtt, (value) => {
      const error = Math.abs(bucketMiddleMicros(bucketOf(value)) - value);
      assert.ok(value < 256 ? error === 0 : error <= value * sketchErrorRatio);
    }),
  );
});

test('percentiles are within the bound of the exact ones and within the least and greatest value', () => {
  fc.assert(
    fc.property(fc.array(rtt, { minLength: 1, maxLength: 300 }), (values) => {
      const sorted = values.toSorted((a, b) => a - b);
      const [min, max] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
      sketchOf(values)
        .percentiles(ratios, min, max)
        .forEach((percentile, index) => {
          const exact = percentileOf(sorted, ratios[index] ?? 0) ?? Number.NaN;
          assert.ok(percentile !== undefined && percentile >= min && percentile <= max);
          assert.ok(Math.abs(percentile - exact) <= exact * sketchErrorRatio + 1e-9, `${percentile} for ${exact}`);
        });
    }),
  );
});

test('merging sketches gives the sketch of all values, byte for byte', () => {
  fc.assert(
    fc.property(fc.array(rtt), fc.array(rtt), (a, b) => {
      const merged = new DenseSketch();
      merged.addSketch(sketchOf(a).toSketch());
      merged.addSketch(sketchOf(b).toSketch());
      assert.deepEqual(merged.toSketch(), sketchOf([...a, ...b]).toSketch());
      const dense = sketchOf(a);
      dense.addDense(sketchOf(b));
      assert.deepEqual(dense.toSketch(), merged.toSketch());
      checkSketch(merged.toSketch(), a.length + b.length);
    }),
  );
});

test('a sketch with counts of several bytes survives', () => {
  const sketch = new DenseSketch();
  for (let count = 0; count < 1000; count++) sketch.add(20_000);
  const again = new DenseSketch();
  again.addSketch(sketch.toSketch());
  assert.equal(again.total, 1000);
});

test('an empty sketch has no percentiles, and a cleared one is empty', () => {
  const sketch = sketchOf([1, 2, 3_000_000]);
  sketch.clear();
  assert.deepEqual(sketch.percentiles([0.5], 0, 0), [undefined]);
  assert.equal(sketch.toSketch().length, 0);
});

test('bytes that are not a sketch of the given count are refused', () => {
  assert.throws(() => checkSketch(Uint8Array.of(1, 1), 2), /does not fit/);
  assert.throws(() => checkSketch(Uint8Array.of(1), 1), /too early/);
  assert.throws(() => new DenseSketch().addSketch(Uint8Array.of(0xff, 0xff, 0x7f, 1)), /bucket/);
});
