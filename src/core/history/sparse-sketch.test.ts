import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { DenseSketch } from './sketch.ts';
import { SparseSketch } from './sparse-sketch.ts';

const values = fc.array(fc.oneof(fc.nat(300), fc.nat(0xffff), fc.nat(0xffff_ffff)), { maxLength: 200 });
const ratios = [0, 0.1, 0.5, 0.9, 0.95, 0.99, 1];

function denseOf(parts: readonly (readonly number[])[]): DenseSketch {
  const sketch = new DenseSketch();
  for (const value of parts.flat()) sketch.add(value);
  return sketch;
}

test('after additions and removals, the percentiles are those of the remaining values, to the bit', () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 20 }), fc.nat(20), values, (parts, taken, loose) => {
      const sparse = new SparseSketch();
      for (const part of parts) sparse.addSketch(denseOf([part]).toSketch());
      for (const value of loose) sparse.add(value);
      for (const part of parts.slice(0, taken)) sparse.subtractSketch(denseOf([part]).toSketch());
      const left = denseOf([...parts.slice(taken), loose]);
      assert.equal(sparse.total, left.total);
      assert.deepEqual(sparse.percentiles(ratios, 0, 0xffff_ffff), left.percentiles(ratios, 0, 0xffff_ffff));
      sparse.clear();
      assert.deepEqual(sparse.percentiles([0.5], 0, 0xffff_ffff), [undefined]);
    }),
  );
});
