import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { TargetOddities } from './oddities.ts';
import { OddityCounts, addOddities, eachOddity, noOddities, oddityNames } from './oddities.ts';

function totalsOf(...takings: readonly OddityCounts[]): Map<number, TargetOddities> {
  const totals = new Map<number, TargetOddities>();
  for (const counts of takings) {
    const rows = counts.take();
    if (rows === undefined) continue;
    eachOddity(rows, (id, more) => totals.set(id, addOddities(totals.get(id) ?? noOddities, more)));
  }
  return totals;
}

test('what is counted arrives under its name and its target, each time it is taken', () => {
  const counts = new OddityCounts();
  assert.equal(counts.take(), undefined);
  oddityNames.forEach((name, times) => {
    for (let time = 0; time <= times; time++) counts.add(7, name);
  });
  counts.add(2_000_000_000, 'wrongTokens');
  const totals = totalsOf(counts);
  assert.deepEqual(Object.values(totals.get(7) ?? {}), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(totals.get(2_000_000_000), { ...noOddities, wrongTokens: 1 });
  assert.equal(counts.take(), undefined, 'taken once');
});

test('takings of several threads or times add up', () => {
  const [one, other] = [new OddityCounts(), new OddityCounts()];
  one.add(1, 'duplicates');
  other.add(1, 'duplicates');
  other.add(1, 'icmpErrors');
  assert.deepEqual(totalsOf(one, other).get(1), { ...noOddities, duplicates: 2, icmpErrors: 1 });
});
