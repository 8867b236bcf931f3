import { expect, test } from 'vitest';
import { createConcurrencyLimit } from './concurrency-limit.ts';

const never = new AbortController().signal;

test('the next one enters when a place is released, in the order of request', async () => {
  const slots = createConcurrencyLimit(1, 2);
  const release = await slots.take(10_000, never);
  const entered: number[] = [];
  const waiting = [1, 2].map(async (number) => {
    const next = await slots.take(10_000, never);
    entered.push(number);
    next?.();
  });
  expect(await slots.take(10_000, never)).toBeUndefined();
  expect(entered).toEqual([]);
  release?.();
  release?.();
  await Promise.all(waiting);
  expect(entered).toEqual([1, 2]);
});

test('a caller that times out or is aborted leaves the queue and takes no place', async () => {
  const slots = createConcurrencyLimit(1, 2);
  const release = await slots.take(10_000, never);
  expect(await slots.take(5, never)).toBeUndefined();
  expect(await slots.take(10_000, AbortSignal.abort())).toBeUndefined();
  release?.();
  expect(await slots.take(5, never)).toBeTypeOf('function');
});
