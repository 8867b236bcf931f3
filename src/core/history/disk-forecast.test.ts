import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { forecastDisk } from './disk-forecast.ts';

const costs = { result: 1.6, minute: 19, hour: 80 };
const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };

describe('the forecast of disk use', () => {
  test('grows with targets and pace, up to the age at which each kind is deleted', () => {
    const one = forecastDisk([1000], retention, costs);
    assert.equal(one.resultsPerDay, 86_400);
    assert.equal(one.rawBytes, 86_400 * 1.6 * 3);
    assert.equal(one.minuteBytes, 1440 * 19 * 31);
    assert.equal(one.hourBytes, 24 * 80 * 1827);
    assert.equal(one.growthBytesPerYear, 0);
    assert.equal(forecastDisk([1000, 1000], retention, costs).rawBytes, 2 * (one.rawBytes ?? 0));
    assert.equal(forecastDisk([2000], retention, costs).rawBytes, (one.rawBytes ?? 0) / 2);
    assert.equal(forecastDisk([3_600_000], retention, costs).minuteBytes, 24 * 19 * 31);
  });

  test('has no limit if something is kept for ever', () => {
    const forecast = forecastDisk([1000], { ...retention, hourDays: 0 }, costs);
    assert.equal(forecast.hourBytes, undefined);
    assert.equal(forecast.growthBytesPerYear, 24 * 80 * 365);
  });

  test('is zero without targets', () => {
    const { rawBytes, minuteBytes, hourBytes } = forecastDisk([], retention, costs);
    assert.deepEqual([rawBytes, minuteBytes, hourBytes], [0, 0, 0]);
  });
});
