import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { momentOf, timeTicks, zoneOffset } from './time-ticks.ts';

const hour = 3_600_000;
const day = 24 * hour;
const ticks = (from: string, length: number, timeZone = 'UTC', width = 920) => {
  const start = Date.parse(from);
  return timeTicks({ from: start, to: start + length }, { width, locale: 'en-GB', timeZone });
};
const labels = (...given: Parameters<typeof ticks>) => ticks(...given).map(({ label }) => label);

describe('ticks', () => {
  test('of an hour are round minutes', () => {
    assert.deepEqual(labels('2026-06-01T12:03:00Z', hour), ['12:10', '12:20', '12:30', '12:40', '12:50', '13:00']);
  });

  test('are round on the clock of the zone, not of UTC', () => {
    assert.deepEqual(labels('2026-06-01T00:00:00Z', 12 * hour, 'Asia/Kolkata').slice(0, 3), [
      '06:00',
      '08:00',
      '10:00',
    ]);
  });

  test('of days are midnights there, on both sides of a clock change', () => {
    const found = ticks('2026-03-27T00:00:00Z', 5 * day, 'Europe/Paris', 500);
    for (const { at } of found) assert.equal((at + zoneOffset(at, 'Europe/Paris')) % day, 0);
    assert.deepEqual(
      found.map(({ label }) => label),
      ['28 Mar', '29 Mar', '30 Mar', '31 Mar', '1 Apr'],
    );
  });

  test('of years are months or years, and the year is said where it changes', () => {
    const found = ticks('2024-03-15T00:00:00Z', 700 * day, 'America/New_York');
    assert.deepEqual(
      found.map(({ label, context }) => [label, context]),
      [
        ['Apr', '2024'],
        ['Jul', undefined],
        ['Oct', undefined],
        ['Jan', '2025'],
        ['Apr', undefined],
        ['Jul', undefined],
        ['Oct', undefined],
        ['Jan', '2026'],
      ],
    );
    assert.deepEqual(labels('2021-06-01T00:00:00Z', 1827 * day, 'UTC', 500), ['2022', '2023', '2024', '2025', '2026']);
  });

  test('have room for their labels on a phone', () => {
    for (const length of [15 * 60_000, hour, 6 * hour, day, 7 * day, 30 * day, 365 * day, 1827 * day]) {
      const found = labels('2021-06-01T00:00:00Z', length, 'UTC', 300);
      assert.ok(found.length >= 1 && found.length <= 4, `${length}: ${found.join()}`);
    }
  });
});

test('the moment of a local time is right on both sides of a clock change', () => {
  const at = (text: string) => new Date(momentOf(Date.parse(`${text}Z`), 'Europe/Paris')).toISOString();
  assert.equal(at('2026-03-29T01:30:00'), '2026-03-29T00:30:00.000Z');
  assert.equal(at('2026-03-29T03:30:00'), '2026-03-29T01:30:00.000Z');
  assert.equal(at('2026-07-01T12:00:00'), '2026-07-01T10:00:00.000Z');
});
