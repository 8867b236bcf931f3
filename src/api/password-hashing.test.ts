import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'vitest';
import { limitHashing } from './password-hashing.ts';

test('passwords are kept as argon2id with the costs that OWASP names at the least', async () => {
  const hashing = limitHashing();
  const kept = await hashing.hash('correct horse battery');
  assert.match(kept, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(await hashing.verify(kept, 'correct horse battery'), true);
  assert.equal(await hashing.verify(kept, 'correct horse batterx'), false);
});

test('two passwords are hashed or checked at once, 200 wait, and more are told to come again', async () => {
  let [atOnce, most] = [0, 0];
  async function counted<T>(result: T): Promise<T> {
    most = Math.max(most, ++atOnce);
    await setImmediate();
    atOnce--;
    return result;
  }
  const hashing = limitHashing({ hash: () => counted('hash'), verify: () => counted(true) });
  const work = Array.from({ length: 250 }, (_, index) =>
    index % 2 === 0 ? hashing.hash('x') : hashing.verify('hash', 'x'),
  );
  const outcomes = await Promise.allSettled(work);
  assert.equal(most, 2);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
  assert.equal(refused.length, 48);
  for (const problem of refused) assert.deepEqual([problem.code, problem.retryAfterSeconds], ['too-many-requests', 5]);
});
