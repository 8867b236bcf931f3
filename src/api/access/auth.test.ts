import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { openStorage } from '../../storage/storage.ts';
import { createAuth } from './auth.ts';
import { cacheAccounts } from './account-cache.ts';

test('a hash is compared with the default password once, however many callers ask', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pmd-auth-'));
  try {
    const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
    const options = { retention, now: () => 1, onNotice: assert.fail };
    await using storage = await openStorage(`sqlite:${join(folder, 'x.db')}`, options);
    for (const username of ['anna', 'boris']) {
      const user = { username, passwordHash: `hash of ${username}`, isSeeded: false, role: 'viewer' } as const;
      await storage.saveUser({ ...user, tokensEndedAt: 0, createdAt: 0 });
    }
    const verified: string[] = [];
    const hashing = {
      hash: async () => 'a hash',
      verify: async (passwordHash: string) => {
        verified.push(passwordHash);
        return passwordHash === 'hash of boris';
      },
    };
    const parts = { authSecret: 'x'.repeat(32), tokenMinutes: 1, now: () => 1, accounts: cacheAccounts(storage) };
    const auth = createAuth({ ...parts, hashing });
    const asked = Array.from({ length: 20 }, (_, index) => auth.hasDefaultPassword(index % 2 === 0 ? 'anna' : 'boris'));
    assert.deepEqual(new Set(await Promise.all(asked)), new Set([false, true]));
    assert.equal(await auth.hasDefaultPassword('anna'), false);
    assert.deepEqual(verified.toSorted(), ['hash of anna', 'hash of boris']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
