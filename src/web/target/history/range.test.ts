import assert from 'node:assert/strict';
import { test } from 'vitest';
import { presetNames, searchOf, selectionOf } from './range.ts';

const now = Date.UTC(2026, 5, 1, 12);

test('every selection is restored from its address', () => {
  const selections = [
    ...presetNames.map((range) => selectionOf({ range }, now)),
    { view: { from: now - 5_400_000, to: now }, isLive: true },
    { view: { from: now - 7_200_000, to: now - 3_600_000 }, isLive: false },
  ];
  for (const selection of selections) assert.deepEqual(selectionOf(searchOf(selection), now), selection);
});

test('an invalid address shows the last hour', () => {
  const hour = { view: { from: now - 3_600_000, to: now }, isLive: true };
  for (const search of [
    {},
    { range: 'yesterday' },
    { range: '5s' },
    { from: 'x', to: '2026-01-01T00:00:00Z' },
    { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
    { from: '1990-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
  ]) {
    assert.deepEqual(selectionOf(search, now), hour);
  }
});
