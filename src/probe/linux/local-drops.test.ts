import assert from 'node:assert/strict';
import { test } from 'vitest';
import { LocalDrops } from './local-drops.ts';

test('as many timeouts are excused as packets were dropped, of probes sent before', () => {
  const drops = new LocalDrops();
  assert.equal(drops.observe(2, 1000), 2);
  assert.equal(drops.observe(2, 1100), 0);
  assert.ok(!drops.excuses(1001));
  assert.ok(drops.excuses(999));
  assert.ok(drops.excuses(1000));
  assert.ok(!drops.excuses(999));
});

test('drops are forgotten once nothing is in flight', () => {
  const drops = new LocalDrops();
  drops.observe(1, 1000);
  drops.forget();
  assert.ok(!drops.excuses(1));
});
