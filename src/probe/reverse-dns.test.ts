import assert from 'node:assert/strict';
import { test } from 'vitest';
import { lookUpNames } from './reverse-dns.ts';

test('names come for those that have one in time; failures and the slow are left out', async () => {
  const lookup = (ip: string): Promise<readonly string[]> => {
    if (ip === '10.0.0.1') return Promise.resolve(['one.example', 'other.example']);
    return ip === '10.0.0.2' ? Promise.reject(new Error('ENOTFOUND')) : new Promise(() => {});
  };
  const startedAt = performance.now();
  const names = await lookUpNames(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.1'], 100, lookup);
  assert.deepEqual([...names], [['10.0.0.1', 'one.example']]);
  assert.ok(performance.now() - startedAt < 1000);
});
