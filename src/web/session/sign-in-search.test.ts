import assert from 'node:assert/strict';
import { test } from 'vitest';
import { parseSignInSearch } from './sign-in-search.ts';

test('after signing in, only our own screens are opened', () => {
  assert.deepEqual(parseSignInSearch({ next: '/app/settings?x=1', reason: 'expired' }), {
    next: '/app/settings?x=1',
    reason: 'expired',
  });
  for (const next of ['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', 'app', '', 7, null]) {
    assert.deepEqual(parseSignInSearch({ next, reason: 'other' }), {});
  }
});
