import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { TargetId } from '../../../core/ids.ts';
import type { Target } from '../../../core/target/target.ts';
import { createTargetList } from './target-list.ts';

/** A database whose only target has the number of the change that it saw last as its id. */
function database() {
  const asked: (() => void)[] = [];
  let changes = 0;
  let reads = 0;
  const list = createTargetList(async () => {
    reads++;
    const seen = changes;
    await new Promise<void>((resolve) => asked.push(resolve));
    return [{ id: seen as TargetId } as Target];
  });
  const answer = (): void => {
    for (const each of asked.splice(0)) each();
  };
  return {
    list,
    reads: () => reads,
    answer,
    change: () => list.changing(async () => void changes++),
    read: async () => {
      const reading = list.list();
      answer();
      return (await reading)[0]?.id;
    },
  };
}

test('targets are read once for all callers, and again after each change', async () => {
  const { list, read, change, reads, answer } = database();
  const together = [list.list(), list.list()];
  answer();
  assert.deepEqual((await Promise.all(together)).flat().length, 2);
  assert.equal(await read(), 0);
  assert.equal(reads(), 1);
  await change();
  assert.equal(await read(), 1);
  assert.equal(reads(), 2);
});

test('what was read before or during a change is not cached', async () => {
  const { list, read, change, answer } = database();
  const before = list.list();
  await change();
  answer();
  assert.equal((await before)[0]?.id, 0);
  assert.equal(await read(), 1);
  const { promise: isStored, resolve: store } = Promise.withResolvers<void>();
  const changing = list.changing(() => isStored);
  assert.equal(await read(), 1);
  store();
  await changing;
  await change();
  assert.equal(await read(), 2);
});

test('after a change with unknown outcome nothing is cached', async () => {
  const { list, read, reads } = database();
  await read();
  const lost = list.changing(() => Promise.reject(new Error('the connection is gone')));
  await assert.rejects(lost, /the connection is gone/);
  await read();
  await read();
  assert.equal(reads(), 3);
});
