import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { createSpark } from './spark.ts';

const end = 3_600_000;
const empty = Array.from({ length: 60 }, () => null);

describe('the sparkline of a target', () => {
  test('begins with the server’s data, the newest last', () => {
    const { medians, losses } = createSpark([...empty.slice(1), 5], [...empty.slice(2), 0.5, 0], {
      end,
      intervalMillis: 1000,
    });
    assert.equal(medians[59], 5);
    assert.ok(Number.isNaN(medians[58]));
    assert.deepEqual([losses[58], losses[59]], [0.5, 0]);
  });

  test('adds live results to the newest minute, and moves on with time', () => {
    const spark = createSpark(empty, empty, { end, intervalMillis: 1000 });
    for (const latency of [3, 9, 5]) spark.add(end - 1000, latency);
    assert.equal(spark.medians[59], 5);
    spark.add(end - 500, undefined);
    assert.equal(spark.losses[59], 0.25);
    spark.add(end + 61_000, 7);
    assert.equal(spark.medians[57], 5);
    assert.ok(Number.isNaN(spark.medians[58]));
    assert.deepEqual([spark.medians[59], spark.losses[59]], [7, 0]);
  });

  test('keeps its size however many results come, and skips those that the server has counted', () => {
    const spark = createSpark([...empty.slice(1), 5], empty, { end, intervalMillis: 1000 });
    spark.add(end - 60_001, 99);
    assert.equal(spark.medians[59], 5);
    for (let index = 0; index < 10_000; index++) spark.add(end + index * 100, 2);
    assert.equal(spark.medians.length, 60);
    assert.equal(spark.medians[59], 2);
    spark.add(end + 86_400_000 * 400, 4);
    assert.equal(spark.medians[59], 4);
  });
});
