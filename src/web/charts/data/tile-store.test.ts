import assert from 'node:assert/strict';
import { test } from 'vitest';
import { createTileStore, type TileAnswer } from './tile-store.ts';
import type { Step, TimeRange } from '../axis/time-steps.ts';
import { type Timeline, timelineOfRows } from './timeline.ts';

const hour = 3_600_000;
const now = 1000 * hour;

function bucketsEvery(step: Step, { from, to }: TimeRange): Timeline {
  const lengthMillis = step * 1000;
  const figures = { avg: 1, min: 1, max: 1, p10: 1, p50: 1, p90: 1, loss: 0, sampleCount: 1, notSentCount: 0 };
  const count = Math.ceil((to - from) / lengthMillis);
  return timelineOfRows(
    Array.from({ length: count }, (_, index) => ({
      ...{ at: from + index * lengthMillis, lengthMillis, coveredMillis: lengthMillis },
      ...figures,
    })),
  );
}

/** A server that answers when it is told to, and remembers what it was asked. */
function slowServer() {
  const asked: { step: Step; range: TimeRange; signal: AbortSignal; answer: () => void; fail: () => void }[] = [];
  const load = (step: Step, range: TimeRange, signal: AbortSignal): Promise<TileAnswer> =>
    new Promise((resolve, reject) => {
      const answer = (): void => resolve({ timeline: bucketsEvery(step, range), completeUntil: range.to });
      asked.push({ step, range, signal, answer, fail: () => reject(new Error('away')) });
    });
  const settle = async (): Promise<void> => {
    for (const { answer } of asked.splice(0)) answer();
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { asked, load, settle };
}

const view = (from: number, to: number): TimeRange => ({ from: from * hour, to: to * hour });

test('available data is drawn, and a pan within it requests nothing but a neighbour', async () => {
  const { asked, load, settle } = slowServer();
  using store = createTileStore({ load, now: () => now });
  assert.equal(store.draw(view(500, 524), 1000).timeline.length, 0);
  assert.ok(asked.length > 0);
  await settle();
  const drawing = store.draw(view(500, 524), 1000);
  assert.equal(drawing.isLoading, false);
  assert.equal(drawing.timeline.length, (24 * 3600) / drawing.step);
  await settle();
  assert.equal(store.draw(view(501, 525), 1000).isLoading, false);
  assert.equal(asked.length, 0);
});

test('a zoom draws the coarser buckets until the finer ones arrive', async () => {
  const { load, settle } = slowServer();
  using store = createTileStore({ load, now: () => now });
  store.draw(view(400, 800), 1000);
  await settle();
  const between = store.draw(view(500, 510), 1000);
  assert.equal(between.isLoading, true);
  assert.ok(between.timeline.length >= 10 && between.timeline.lengthMillis.every((each) => each > between.step * 1000));
  await settle();
  const after = store.draw(view(500, 510), 1000);
  assert.ok(after.timeline.length > 1000 && after.timeline.lengthMillis.every((each) => each === after.step * 1000));
});

test('a request that is no longer needed is cancelled, and its end notifies nobody', async () => {
  const { asked, load, settle } = slowServer();
  using store = createTileStore({ load, now: () => now });
  store.draw(view(100, 110), 1000);
  const [first] = asked;
  let told = 0;
  store.subscribe(() => told++);
  store.draw(view(800, 900), 1000);
  assert.equal(first?.signal.aborted, true);
  asked.splice(1);
  await settle();
  assert.equal(told, 0);
});

test('a failure is reported along with what is known, and retried only on demand', async () => {
  const { asked, load, settle } = slowServer();
  using store = createTileStore({ load, now: () => now });
  store.draw(view(500, 501), 500);
  for (const { fail } of asked.splice(0)) fail();
  await settle();
  assert.equal(store.draw(view(500, 501), 500).failure?.message, 'away');
  assert.equal(asked.filter(({ range }) => range.from <= 500 * hour && range.to > 500 * hour).length, 0);
  store.retry();
  store.draw(view(500, 501), 500);
  await settle();
  assert.equal(store.draw(view(500, 501), 500).failure, undefined);
});
