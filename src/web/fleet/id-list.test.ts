import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { idList, idsOfList } from './id-list.ts';

test('ids are a short text, and come back from it', () => {
  assert.equal(idList([45, 3, 1, 2, 2]), '1-3,45');
  assert.equal(idList([]), '');
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 300 })), (ids) => {
      assert.deepEqual(
        [...idsOfList(idList(ids))],
        ids.toSorted((a, b) => a - b),
      );
    }),
  );
});

test('what is no list of ids is none', () => {
  for (const text of [undefined, '', 'x', '1,', '1-', '-3']) assert.equal(idsOfList(text).size, 0, String(text));
  assert.ok(idsOfList('1-9999999999').size <= 100_000);
});
