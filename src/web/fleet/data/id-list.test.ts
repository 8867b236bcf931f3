import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { idList, idsOfList } from './id-list.ts';

test('ids become a short text, and are restored from it', () => {
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

test('any ten thousand ids fit into an address', () => {
  const every = Array.from({ length: 10_000 }, (_, index) => 7 + index);
  for (const ids of [every, every.filter((id) => id % 2 === 0), every.filter((id) => (id * 7919) % 3 > 0)]) {
    const text = idList(ids);
    assert.ok(text.length < 1700, `${text.length} characters`);
    assert.deepEqual([...idsOfList(text)], ids);
  }
});

test('a text that is not a list of ids gives none', () => {
  for (const text of [undefined, '', 'x', '1,', '1-', '-3', '1~', '1~A', '~AA', '1~A?'])
    assert.equal(idsOfList(text).size, 0, String(text));
  assert.ok(idsOfList('1-9999999999').size <= 100_000);
});
