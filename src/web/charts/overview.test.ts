import assert from 'node:assert/strict';
import { test } from 'vitest';
import { moveBrush } from './overview.tsx';

const view = { from: 1_000_000, to: 2_000_000 };

test('a brush that is moved keeps its length, an edge that is moved keeps the other', () => {
  assert.deepEqual(moveBrush(view, 'both', 500), { from: 1_000_500, to: 2_000_500 });
  assert.deepEqual(moveBrush(view, 'from', -500), { from: 999_500, to: 2_000_000 });
  assert.deepEqual(moveBrush(view, 'to', 500), { from: 1_000_000, to: 2_000_500 });
});

test('edges do not cross', () => {
  assert.deepEqual(moveBrush(view, 'from', 5_000_000), { from: 1_940_000, to: 2_000_000 });
  assert.deepEqual(moveBrush(view, 'to', -5_000_000), { from: 1_000_000, to: 1_060_000 });
});
