import assert from 'node:assert/strict';
import { Counter, Registry } from '@prometheus-io/client';
import { test } from 'vitest';
import { type SlicedCounter, textOf } from './sliced-counter.ts';

const registry = new Registry();

const anomalies = (count: number): SlicedCounter => ({
  name: 'anomalies_total',
  help: 'With "quotes" and \\',
  labelNames: ['target', 'kind'],
  series: Array.from({ length: count }, (_, index) => [{ target: index + 1, kind: `"${index % 6}"\n` }, index + 0.5]),
});

async function partsOf(counter: SlicedCounter): Promise<readonly string[]> {
  return Array.fromAsync(textOf(registry, counter));
}

test.each([0, 1, 499, 500, 501, 1000, 3210])(
  'the parts of %i series equal what is written in one piece',
  async (count) => {
    const { series, ...config } = anomalies(count);
    const whole = new Counter({ ...config, registers: [] });
    for (const [labels, value] of series) whole.inc(labels, value);
    const parts = await partsOf(anomalies(count));
    assert.equal(parts.join(''), `${await registry.getMetricsAsString(whole)}\n`);
    for (const part of parts) assert.ok(part.split('\n').length <= 501);
  },
);

test('other work runs while 210,000 series are written', async () => {
  let turns = 0;
  let isDone = false;
  const turn = (): void => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  const parts = await partsOf(anomalies(210_000));
  isDone = true;
  assert.equal(parts.join('').split('\n').length, 210_000 + 3);
  assert.ok(turns >= 420, `${turns} turns`);
});

test('nothing is generated for a reader who has gone', async () => {
  let made = 0;
  const series = anomalies(5000);
  function* counted() {
    for (const each of series.series) {
      made++;
      yield each;
    }
  }
  const parts = textOf(registry, { ...series, series: counted() });
  await parts.next();
  assert.equal(made, 0);
  await parts.next();
  assert.equal(made, 500);
  await parts.return(undefined);
  assert.equal(made, 500);
});
