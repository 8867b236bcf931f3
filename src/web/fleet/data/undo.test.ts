import assert from 'node:assert/strict';
import { test } from 'vitest';
import { undoOf } from './undo.ts';

test('pausing and deleting are undone on those that they changed', () => {
  const ids = [1, 2, 3];
  assert.deepEqual(undoOf({ action: 'pause', ids }, [1, 3], new Map()), [{ action: 'resume', ids: [1, 3] }]);
  assert.deepEqual(undoOf({ action: 'delete', ids }, [2], new Map()), [{ action: 'restore', ids: [2] }]);
});

test('tags are restored as each target had them', () => {
  const before = new Map([
    [1, ['core', 'lab']],
    [2, ['lab']],
    [3, ['edge', 'lab']],
    [4, ['lab']],
  ]);
  const change = { action: 'tag' as const, ids: [1, 2, 3, 4], add: ['Edge', 'rack 4'], remove: ['core'] };
  assert.deepEqual(undoOf(change, [1, 2, 3, 4], before), [
    { action: 'tag', ids: [1], add: ['core'], remove: ['edge', 'rack 4'] },
    { action: 'tag', ids: [2, 4], add: [], remove: ['edge', 'rack 4'] },
    { action: 'tag', ids: [3], add: [], remove: ['rack 4'] },
  ]);
});
