import { expect, test } from 'vitest';
import { parseTargetId } from '../ids.ts';
import { type ResultBatch, outcomeCodes } from '../result/probe-result.ts';
import { pathChange } from '../path/path-change.ts';
import { syntheticPath } from './synthetic-path.ts';
import { type SyntheticPlan, createSyntheticHistory } from './synthetic.ts';

const id = parseTargetId(7);
if (id === undefined) throw new Error('7 is an id');
const plan: SyntheticPlan = { seed: 1, index: 0, targetId: id, intervalMillis: 60_000, lossRatio: 0.01 };
const day = 86_400_000;

function lossOf(batch: ResultBatch): number {
  return batch.outcomes.reduce((sum, code) => sum + (code === outcomeCodes.timeout ? 1 : 0), 0) / batch.length;
}

test('the same seed makes the same history, in one part or in several', () => {
  const whole = createSyntheticHistory(plan).results(0, 30 * day);
  const parts = createSyntheticHistory(plan);
  const rtts = [parts.results(0, 7 * day), parts.results(7 * day, 30 * day)].flatMap((batch) => [...batch.rttMicros]);
  expect(rtts).toEqual([...whole.rttMicros]);
  expect(createSyntheticHistory({ ...plan, seed: 2 }).results(0, day).rttMicros).not.toEqual(
    whole.rttMicros.slice(0, 1440),
  );
});

test('there is one result per interval, and about the requested share of losses', () => {
  const batch = createSyntheticHistory(plan).results(0, 365 * day);
  expect(batch.length).toBe(365 * 1440);
  expect(lossOf(batch)).toBeGreaterThan(0.007);
  expect(lossOf(batch)).toBeLessThan(0.013);
  const fastest = batch.rttMicros.reduce((least, rtt) => (rtt > 0 ? Math.min(least, rtt) : least), Infinity);
  expect(fastest).toBeGreaterThan(500);
});

test('no loss and total loss can be requested', () => {
  expect(lossOf(createSyntheticHistory({ ...plan, lossRatio: 0 }).results(0, day))).toBe(0);
  expect(lossOf(createSyntheticHistory({ ...plan, lossRatio: 1 }).results(0, day))).toBe(1);
});

test('synthetic paths are as long as the history says, and change their route once', () => {
  const history = createSyntheticHistory(plan);
  history.results(0, day);
  const route = { seed: 1, index: 0, ip: '198.18.0.1', ...history.distance() };
  const [old, other, fresh] = [
    syntheticPath(route, 0, true),
    syntheticPath(route, day, true),
    syntheticPath(route, 2 * day, false),
  ];
  expect(fresh.hops).toHaveLength(route.hops);
  expect(fresh.hops.at(-1)?.ip).toBe('198.18.0.1');
  expect(pathChange(other, [old])).toBeUndefined();
  expect(pathChange(fresh, [other, old])?.ttl).toBe(route.hops - 2);
});
