import assert from 'node:assert/strict';
import { test } from 'vitest';
import { createLiveResults } from './live-results.ts';

const start = Date.UTC(2026, 4, 5, 12);
const second = 1000;
const minute = 60 * second;

test('results are put into buckets, late ones too', () => {
  const live = createLiveResults(start, () => second);
  live.add([
    { at: start, latencyMs: 1 },
    { at: start + minute, latencyMs: null },
  ]);
  live.add([{ at: start + second, latencyMs: 3 }]);
  const rows = live.rows(start, minute).map(({ at, avg, loss, sampleCount }) => ({ at, avg, loss, sampleCount }));
  assert.deepEqual(rows, [
    { at: start, avg: 2, loss: 0, sampleCount: 2 },
    { at: start + minute, avg: null, loss: 1, sampleCount: 1 },
  ]);
});

test('a screen that stays open keeps what is new, and makes no bucket from incomplete data', () => {
  const live = createLiveResults(start, () => second);
  for (let at = start; at < start + 90 * minute; at += second) live.add([{ at, latencyMs: 1 }]);
  assert.ok(live.since >= start + 60 * minute, `since ${(live.since - start) / minute} min`);
  const kept = live.rows(start, minute).reduce((sum, { sampleCount }) => sum + sampleCount, 0);
  assert.ok(kept <= 20 * 60 + 1, `${kept} results`);
  // From `since` on every bucket is whole.
  const from = Math.ceil(live.since / minute) * minute;
  assert.ok(live.rows(from, minute).every(({ sampleCount }) => sampleCount === 60));
});
