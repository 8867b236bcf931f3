import type { EpochMillis, SeriesKey } from '../../../core/ids.ts';
import { mergeRollups, type Rollup, rollupSeries } from '../../../core/history/rollup.ts';
import { concatSeries, emptySeries, rowsBetween, type Series, sortSeries } from '../../../core/result/series.ts';
import { floorTo, hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import type { AgedResults } from './aged-results.ts';
import type { Database } from '../file/database.ts';
import { rawHourBefore, rawHoursBetween, readRawBlock } from './raw-blocks.ts';
import { eachStoredRollup, hourTable, minuteTable, type RollupTable } from './rollup-blocks.ts';
import { createRecentMinutes } from './recent-minutes.ts';
import type { Tail } from './tail.ts';
import type { TailHour } from './tail-hour.ts';

/** What is stored of a series, sealed and unsealed together. */
export interface History {
  /** All raw results of one hour, in time order. */
  hourRows(key: SeriesKey, hourAt: EpochMillis): Series;
  /** Raw results with from <= sentAt < to in time order, an hour at a time. */
  rows(key: SeriesKey, from: EpochMillis, to: EpochMillis): Generator<Series>;
  /** The hours with from <= hour < to that have raw results, ascending, `limit` at most. */
  rawHours(key: SeriesKey, from: EpochMillis, to: EpochMillis, limit?: number): readonly EpochMillis[];
  /** The newest hour before a time that has raw results. */
  rawHourBefore(key: SeriesKey, before: EpochMillis): EpochMillis | undefined;
  /** The newest hour before a time if nothing of it or after it is sealed: then its last row is the last of all. */
  unsealedEnd(key: SeriesKey, before: EpochMillis): TailHour | undefined;
  /** Rollups with from <= startAt < to, ascending, to be read once; each is valid until the next. */
  minuteRollups(key: SeriesKey, from: EpochMillis, to: EpochMillis): Iterable<Rollup>;
  /** The same; the settled ones are the same array as long as nothing about them has changed. */
  minuteParts(key: SeriesKey, from: EpochMillis, to: EpochMillis): MinuteParts;
  /** `bucketMillis`: hours of one bucket may come merged into days if it is a multiple of a day. */
  hourRollups(key: SeriesKey, from: EpochMillis, to: EpochMillis, bucketMillis?: number): Iterable<Rollup>;
}

/** The minutes of a stretch of an hour or more in time order, including some before and after it. */
export interface MinuteParts {
  readonly settled: readonly (readonly Rollup[])[];
  readonly newest: readonly Rollup[];
}

interface Stretch {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly bucketMillis: number;
}

const noLimit = 2 ** 31;

export function createHistory(database: Database, tail: Tail, aged: Pick<AgedResults, 'mayBeSealed'>): History {
  const hourRows = (key: SeriesKey, hourAt: EpochMillis): Series => {
    const stored = readRawBlock(database, key, hourAt);
    const unsealed = tail.hourOf(key, hourAt)?.rows();
    if (unsealed === undefined) return stored ?? emptySeries;
    // What is already stored comes first, so that it wins over a duplicate row.
    return stored === undefined ? unsealed : sortSeries(concatSeries([stored, unsealed]));
  };

  const rawHours = (key: SeriesKey, from: EpochMillis, to: EpochMillis, limit = noLimit): readonly EpochMillis[] => {
    const first = floorTo(from, hourMillis);
    const stored = rawHoursBetween(database, key, { from: first, to, limit });
    const unsealed = tail.hoursOf(key).map(({ hourAt }) => hourAt);
    const hours = new Set([...stored, ...unsealed.filter((hourAt) => hourAt >= first && hourAt < to)]);
    return [...hours].toSorted((a, b) => a - b).slice(0, limit);
  };

  /** The minutes of an hour that the tail has rows of; they may be late ones for a sealed hour. */
  const unsealedMinutes = (key: SeriesKey, hourAt: EpochMillis): readonly (readonly Rollup[])[] => {
    const hour = tail.hourOf(key, hourAt);
    const stored = aged.mayBeSealed(hourAt) ? readRawBlock(database, key, hourAt) : undefined;
    if (stored === undefined) return hour?.minutes((each) => recent.packed(each)) ?? [];
    return [rollupSeries(sortSeries(concatSeries([stored, hour?.rows() ?? emptySeries])), minuteMillis)];
  };

  const recent = createRecentMinutes(database);

  const sealed = (table: RollupTable, key: SeriesKey, stretch: Stretch): Iterable<Rollup> => {
    const { from, to } = stretch;
    const hourAt = floorTo(from, hourMillis);
    const isOneHour = table === minuteTable && to <= hourAt + hourMillis;
    if (!isOneHour) return eachStoredRollup(database, table, key, stretch);
    return recent.hour(key, hourAt).filter(({ startAt }) => startAt >= from && startAt < to);
  };

  function* withTail(
    table: RollupTable,
    key: SeriesKey,
    { from, to, bucketMillis }: Stretch,
    unsealed: (hourAt: EpochMillis) => readonly (readonly Rollup[])[],
  ): Generator<Rollup> {
    const isWithin = ({ startAt }: Rollup): boolean => startAt >= from && startAt < to;
    const hours = tail.hoursOf(key).filter(({ hourAt }) => hourAt + hourMillis > from && hourAt < to);
    // The tail's hours are nearly always the newest; late results are between the sealed ones.
    let sealedFrom = from;
    for (const { hourAt } of hours) {
      if (sealedFrom < hourAt) yield* sealed(table, key, { from: sealedFrom, to: hourAt, bucketMillis });
      for (const part of unsealed(hourAt)) for (const rollup of part) if (isWithin(rollup)) yield rollup;
      sealedFrom = hourAt + hourMillis;
    }
    if (sealedFrom < to) yield* sealed(table, key, { from: sealedFrom, to, bucketMillis });
  }

  const minuteParts = (key: SeriesKey, from: EpochMillis, to: EpochMillis): MinuteParts => {
    const parts: (readonly Rollup[])[] = [];
    for (let hourAt = floorTo(from, hourMillis); hourAt < to; hourAt += hourMillis) {
      if (tail.hourOf(key, hourAt) === undefined) parts.push(recent.hour(key, hourAt));
      else parts.push(...unsealedMinutes(key, hourAt));
    }
    return { settled: parts.slice(0, -1), newest: parts.at(-1) ?? [] };
  };

  return {
    hourRows,
    rawHours,
    minuteParts,
    rows: function* (key, from, to) {
      for (const hourAt of rawHours(key, from, to)) yield rowsBetween(hourRows(key, hourAt), from, to);
    },
    rawHourBefore: (key, before) => {
      const unsealed = tail.hoursOf(key).findLast(({ hourAt }) => hourAt < before)?.hourAt ?? -1;
      const stored = rawHourBefore(database, key, before) ?? -1;
      const newest = Math.max(unsealed, stored);
      return newest < 0 ? undefined : newest;
    },
    unsealedEnd: (key, before) => {
      const hour = tail.hoursOf(key).findLast(({ hourAt }) => hourAt < before);
      if (hour === undefined || !aged.mayBeSealed(hour.hourAt)) return hour;
      // Late results: they may be older than what is sealed.
      return (rawHourBefore(database, key, before) ?? -1) < hour.hourAt ? hour : undefined;
    },
    minuteRollups: (key, from, to) =>
      withTail(minuteTable, key, { from, to, bucketMillis: minuteMillis }, (hourAt) => unsealedMinutes(key, hourAt)),
    hourRollups: (key, from, to, bucketMillis = hourMillis) =>
      withTail(hourTable, key, { from, to, bucketMillis }, (hourAt) => [
        [mergeRollups(unsealedMinutes(key, hourAt).flat(), hourAt)],
      ]),
  };
}
