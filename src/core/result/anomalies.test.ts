import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { TargetAnomalies } from './anomalies.ts';
import { AnomalyCounts, addAnomalies, eachAnomaly, noAnomalies, anomalyNames } from './anomalies.ts';

function totalsOf(...takings: readonly AnomalyCounts[]): Map<number, TargetAnomalies> {
  const totals = new Map<number, TargetAnomalies>();
  for (const counts of takings) {
    const rows = counts.take();
    if (rows === undefined) continue;
    eachAnomaly(rows, (id, more) => totals.set(id, addAnomalies(totals.get(id) ?? noAnomalies, more)));
  }
  return totals;
}

test('counts arrive under their name and target, each time they are taken', () => {
  const counts = new AnomalyCounts();
  assert.equal(counts.take(), undefined);
  anomalyNames.forEach((name, times) => {
    for (let time = 0; time <= times; time++) counts.add(7, name);
  });
  counts.add(2_000_000_000, 'wrongTokens');
  const totals = totalsOf(counts);
  assert.deepEqual(Object.values(totals.get(7) ?? {}), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(totals.get(2_000_000_000), { ...noAnomalies, wrongTokens: 1 });
  assert.equal(counts.take(), undefined, 'taken once');
});

test('counts of several threads or times add up', () => {
  const [one, other] = [new AnomalyCounts(), new AnomalyCounts()];
  one.add(1, 'duplicates');
  other.add(1, 'duplicates');
  other.add(1, 'icmpErrors');
  assert.deepEqual(totalsOf(one, other).get(1), { ...noAnomalies, duplicates: 2, icmpErrors: 1 });
});
