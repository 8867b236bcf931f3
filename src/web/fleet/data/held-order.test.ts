import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { FleetEntry } from './fleet-store.ts';
import { holdOrder } from './held-order.ts';

const entry = (id: number) => ({ target: { id } }) as unknown as FleetEntry;
const held = (before: readonly number[], arranged: readonly number[], all = arranged) =>
  holdOrder(before, arranged.map(entry), all.map(entry)).map(({ target }) => target.id);

test('rows keep their places, new ones come after them, deleted ones go', () => {
  assert.deepEqual(held([1, 2, 3], [3, 2, 1]), [1, 2, 3]);
  assert.deepEqual(held([1, 2, 3], [4, 3, 2, 1]), [1, 2, 3, 4]);
  assert.deepEqual(held([1, 2, 3], [3, 1]), [1, 3]);
});

test('a row that its filter would remove stays as long', () => {
  assert.deepEqual(held([1, 2, 3], [3], [1, 2, 3]), [1, 2, 3]);
});
