import assert from 'node:assert/strict';
import fc from 'fast-check';
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

  test('of years are months or years, and the year is shown where it changes', () => {
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

test('a local time is converted correctly on both sides of a clock change', () => {
  const at = (text: string) => new Date(momentOf(Date.parse(`${text}Z`), 'Europe/Paris')).toISOString();
  assert.equal(at('2026-03-29T01:30:00'), '2026-03-29T00:30:00.000Z');
  assert.equal(at('2026-03-29T03:30:00'), '2026-03-29T01:30:00.000Z');
  assert.equal(at('2026-07-01T12:00:00'), '2026-07-01T10:00:00.000Z');
});

test('when clocks go back a local time has two moments, when they go forward the moment of the change', () => {
  const at = (text: string, which?: 'earlier' | 'later') =>
    new Date(momentOf(Date.parse(`${text}Z`), 'Europe/London', which)).toISOString();
  assert.equal(at('2026-10-25T01:30:00'), '2026-10-25T00:30:00.000Z');
  assert.equal(at('2026-10-25T01:30:00', 'later'), '2026-10-25T01:30:00.000Z');
  assert.equal(at('2026-03-29T01:30:00'), '2026-03-29T01:00:00.000Z');
});

test('the hour before clocks go back has its ticks, and so has the hour after', () => {
  const before = ticks('2026-10-25T00:00:00Z', hour, 'Europe/London');
  assert.deepEqual(
    before.map(({ label }) => label),
    ['01:00', '01:10', '01:20', '01:30', '01:40', '01:50'],
  );
  assert.deepEqual(
    before[0]?.context,
    'Sun, 25 Oct'.replace(',', before[0]?.context?.includes(',') === true ? ',' : ''),
  );
  assert.deepEqual(labels('2026-10-25T00:30:00Z', hour, 'Europe/London').slice(2, 5), ['01:50', '01:00', '01:10']);
});

describe('through every change of clocks, in every zone', () => {
  /** Changes by whole and by half hours, at midnight, by quarter hours of offset, and a zone that left out a day. */
  const zones = [
    ...['Europe/London', 'Europe/Paris', 'America/New_York', 'America/Santiago', 'America/Havana', 'Asia/Beirut'],
    ...['Africa/Cairo', 'Africa/Casablanca', 'Australia/Lord_Howe', 'Pacific/Chatham', 'Asia/Kathmandu', 'Asia/Gaza'],
    ...['America/Sao_Paulo', 'America/Asuncion', 'America/St_Johns', 'Pacific/Apia', 'Antarctica/Troll', 'UTC'],
    ...Intl.supportedValuesOf('timeZone').filter((_, index) => index % 17 === 0),
  ];
  /** Up to forty changes of a zone from 2009 on. */
  function changesOf(zone: string): readonly number[] {
    const changes: number[] = [];
    let at = Temporal.Instant.from('2009-01-01T00:00:00Z').toZonedDateTimeISO(zone);
    while (changes.length < 40) {
      const next = at.getTimeZoneTransition('next');
      if (next === null || next.epochMilliseconds > Date.UTC(2030, 0)) break;
      changes.push(next.epochMilliseconds);
      at = next;
    }
    return changes.length === 0 ? [Date.UTC(2026, 2, 29, 1)] : changes;
  }
  const known = new Map(zones.map((zone) => [zone, changesOf(zone)]));
  const minute = 60_000;
  const lengths = [
    minute,
    5 * minute,
    20 * minute,
    hour,
    3 * hour,
    6 * hour,
    12 * hour,
    day,
    2 * day,
    5 * day,
    12 * day,
  ];
  const windows = fc
    .record({
      ...{ zone: fc.constantFrom(...zones), change: fc.nat(39), length: fc.constantFrom(...lengths) },
      ...{ share: fc.double({ min: -0.2, max: 1.2, noNaN: true }), width: fc.integer({ min: 200, max: 2200 }) },
    })
    .map(({ zone, change, length, share, width }) => {
      const changes = known.get(zone) ?? [];
      const from = Math.round((changes[change % changes.length] ?? 0) - share * length);
      return { zone, width, range: { from, to: from + length } };
    });

  test('ticks are at all round times of the zone’s clock, and show them', () => {
    fc.assert(
      fc.property(windows, ({ zone, width, range }) => {
        const found = timeTicks(range, { width, locale: 'en-GB', timeZone: zone });
        const zoned = found.map(({ at }) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone));
        assert.deepEqual(
          [...new Set(found.map(({ at }) => at))].sort((a, b) => a - b),
          found.map(({ at }) => at),
        );
        const isOfDays = found.every(({ label }) => !label.includes(':'));
        if (isOfDays) {
          for (const at of zoned) assert.ok(at.equals(at.startOfDay()), at.toString());
          return;
        }
        for (const [index, { label }] of found.entries()) {
          assert.ok(zoned[index]?.toPlainTime().toString().startsWith(label), `${label} ${zoned[index]?.toString()}`);
        }
        // Every moment whose clock is as round as those of the ticks is one of them.
        const secondsOf = (at: Temporal.ZonedDateTime): number => at.hour * 3600 + at.minute * 60 + at.second;
        const steps = [43_200, 21_600, 10_800, 7200, 3600, 1800, 900, 600, 300, 120, 60, 30, 15, 10, 5, 2, 1];
        const step = steps.find((each) => zoned.every((at) => secondsOf(at) % each === 0)) ?? 1;
        // Offsets are quarter hours: every round moment is one of these.
        const pace = ([900, 300, 60].find((each) => each <= step) ?? step) * 1000;
        const round: number[] = [];
        for (let at = Math.ceil(range.from / pace) * pace; at < range.to; at += pace) {
          const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
          if (secondsOf(there) % step === 0) round.push(at);
        }
        if (found.length > 1)
          assert.deepEqual(
            found.map(({ at }) => at),
            round,
          );
        assert.ok(found.length > 0 || round.length <= 1);
      }),
      { numRuns: 600 },
    );
  });

  test('each day, month and year begins where its calendar says', () => {
    const long = fc.record({
      zone: fc.constantFrom(...zones),
      from: fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2029, 0) }),
      days: fc.integer({ min: 4, max: 1800 }),
    });
    fc.assert(
      fc.property(long, ({ zone, from, days }) => {
        const found = timeTicks({ from, to: from + days * day }, { width: 1000, locale: 'en-GB', timeZone: zone });
        for (const { at } of found) {
          const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
          assert.ok(days < 8 || there.equals(there.startOfDay()), there.toString());
        }
        assert.ok(found.length > 0);
      }),
      { numRuns: 300 },
    );
  });
});
