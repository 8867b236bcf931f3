import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'vitest';
import { limitHashing } from './password-hashing.ts';

test('one password per queue is hashed at once, 200 wait, more are asked to retry; guesses delay no known user', async () => {
  let [atOnce, most] = [0, 0];
  const ended: string[] = [];
  async function counted<T>(name: string, result: T): Promise<T> {
    most = Math.max(most, ++atOnce);
    await setImmediate();
    atOnce--;
    ended.push(name);
    return result;
  }
  const hashing = limitHashing({
    hash: (password) => counted(password, 'hash'),
    verify: (_, password) => counted(password, true),
  });
  const guesses = Array.from({ length: 250 }, () => hashing.verify('hash', 'guess', 'unknown'));
  const known = [hashing.verify('hash', 'known', 'known'), hashing.hash('new')];
  const outcomes = await Promise.allSettled(guesses);
  await Promise.all(known);
  assert.equal(most, 2);
  assert.ok(Math.max(ended.indexOf('known'), ended.indexOf('new')) < 5, ended.join());
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
  assert.equal(refused.length, 49);
  for (const problem of refused) assert.deepEqual([problem.code, problem.retryAfterSeconds], ['too-many-requests', 5]);
});
