import type { EpochMillis, SeriesKey } from '../../../core/ids.ts';
import type { Rollup } from '../../../core/history/rollup.ts';
import { hourMillis } from '../../../core/history/time-buckets.ts';
import type { Database } from '../file/database.ts';
import { minuteTable, readRollups } from './rollup-blocks.ts';
import { keyNumber } from './series-key.ts';
import type { TailHour } from './tail-hour.ts';

/** The complete minutes of the last hours, read once for repeated requests of the fleet. */
export interface RecentMinutes {
  /** The sealed ones of an hour. */
  hour(key: SeriesKey, hourAt: EpochMillis): readonly Rollup[];
  /** The packed ones of an hour in the tail. */
  packed(hour: TailHour): readonly Rollup[];
}

// 60 rollups each: some megabytes. A larger fleet is read anew each time.
const seriesMax = 512;

export function createRecentMinutes(database: Database): RecentMinutes {
  const known = new Map<number, { readonly hourAt: EpochMillis; readonly rollups: readonly Rollup[] }>();
  let knownAsOf = -1;
  const packed = new Map<TailHour, { readonly packings: number; readonly rollups: readonly Rollup[] }>();
  return {
    hour: (key, hourAt) => {
      const changes = database.changesOf(minuteTable.name);
      if (changes !== knownAsOf || known.size >= seriesMax) known.clear();
      knownAsOf = changes;
      const number = keyNumber(key);
      const before = known.get(number);
      if (before?.hourAt === hourAt) return before.rollups;
      const rollups = readRollups(database, minuteTable, key, { from: hourAt, to: hourAt + hourMillis });
      known.set(number, { hourAt, rollups });
      return rollups;
    },
    packed: (hour) => {
      const before = packed.get(hour);
      if (before?.packings === hour.packings) return before.rollups;
      // An hour that has been sealed stays here until then.
      if (packed.size >= seriesMax) packed.clear();
      const rollups = hour.packedMinutes();
      packed.set(hour, { packings: hour.packings, rollups });
      return rollups;
    },
  };
}
