import type { EpochMillis } from '../../../core/ids.ts';
import { targetNotFound } from '../../../core/problem.ts';
import { createBatch, type ResultBatch } from '../../../core/result/probe-result.ts';
import { mergeRollups, type Rollup, rollupSeries } from '../../../core/history/rollup.ts';
import { copyRow, type Series, sortSeries } from '../../../core/result/series.ts';
import { hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import { splitByHour, type TargetHour } from '../../series/batch-split.ts';
import type { BackfillOptions, BackfillOutcome, Retention } from '../../port.ts';
import { insertResults, lateHoursOf } from './append.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Queries } from '../connection/connection.ts';
import type { SeriesKey } from '../../../core/ids.ts';
import { addRollups, readRollups } from '../rollups/rollups.ts';

/** One transaction: results, rollups for hours past the raw retention, and floors if the raw results are dropped. */
export async function backfill(
  dependencies: Dependencies,
  batch: ResultBatch,
  { vantage, isRawDroppedWhenAged }: BackfillOptions,
  retention: Retention,
): Promise<BackfillOutcome> {
  const { connections, state, tables, now, recent } = dependencies;
  const hoursOf = Map.groupBy(splitByHour(batch), ({ targetId }) => targetId);
  for (const id of hoursOf.keys()) if (!state.known.has(id)) throw targetNotFound(id);
  const cutoffs = tables.cutoffs(now(), retention);
  const rawFrom = Math.max(state.floorOf('raw'), isRawDroppedWhenAged ? cutoffs.raw : 0);
  const minutesFrom = Math.max(state.floorOf('1m'), isRawDroppedWhenAged ? cutoffs['1m'] : 0);
  const fresh = joinHours([...hoursOf.values()].flat().filter(({ hourAt }) => hourAt >= rawFrom));
  await tables.makeRoomFor(fresh);
  using _held = state.holdBack(fresh);
  const stored = await state.marking((markDirty) =>
    connections.transaction(async (client, queries) => {
      let count = 0;
      for (const [targetId, hours] of hoursOf) {
        const aged = hours.filter(({ hourAt }) => hourAt < rawFrom);
        count += await addAged(queries, { targetId, vantage }, aged, minutesFrom);
      }
      count += await insertResults(connections, client, queries, { batch: fresh, vantage });
      await markDirty(queries, lateHoursOf(fresh, dependencies));
      if (isRawDroppedWhenAged) {
        await state.raiseFloor(queries, 'raw', cutoffs.raw);
        await state.raiseFloor(queries, '1m', cutoffs['1m']);
      }
      return count;
    }),
  );
  recent.of(vantage).forget(hoursOf.keys());
  return { stored, duplicates: batch.length - stored };
}

export function joinHours(hours: readonly TargetHour[]): ResultBatch {
  const batch = createBatch(hours.reduce((sum, { series }) => sum + series.length, 0));
  let at = 0;
  for (const { targetId, series } of hours) {
    for (let index = 0; index < series.length; index++) {
      batch.targetIds[at] = targetId;
      copyRow(series, index, batch, at++);
    }
  }
  return batch;
}

/** Hours with rollups may already count these results, and there is no way to tell which. Returns how many were stored. */
async function addAged(
  queries: Queries,
  key: SeriesKey,
  hours: readonly TargetHour[],
  minutesFrom: EpochMillis,
): Promise<number> {
  const from = hours[0]?.hourAt ?? 0;
  const to = (hours.at(-1)?.hourAt ?? 0) + hourMillis;
  if (hours.length === 0) return 0;
  const { targetId, vantage } = key;
  const known = (await readRollups(queries, 'hour', [targetId], { from, to, vantage })).get(targetId) ?? [];
  const starts = new Set(known.map(({ startAt }) => startAt));
  return addRolledUp(
    queries,
    key,
    hours.filter(({ hourAt }) => !starts.has(hourAt)),
    minutesFrom,
  );
}

/** Within a transaction: adds results to the rollups only. Returns how many there were. */
export async function addRolledUp(
  queries: Queries,
  key: SeriesKey,
  hours: readonly Pick<TargetHour, 'hourAt' | 'series'>[],
  minutesFrom: EpochMillis,
): Promise<number> {
  const added = hours.map(({ hourAt, series }) => rolledUp(hourAt, series));
  const minutes = added.filter(({ hourAt }) => hourAt >= minutesFrom).flatMap((hour) => hour.minutes);
  await addRollups(queries, 'minute', key, minutes);
  await addRollups(
    queries,
    'hour',
    key,
    added.map(({ hour }) => hour),
  );
  return added.reduce((sum, { count }) => sum + count, 0);
}

interface RolledUpHour {
  readonly hourAt: EpochMillis;
  readonly minutes: readonly Rollup[];
  readonly hour: Rollup;
  readonly count: number;
}

function rolledUp(hourAt: EpochMillis, series: Series): RolledUpHour {
  const rows = sortSeries(series);
  const minutes = rollupSeries(rows, minuteMillis);
  return { hourAt, minutes, hour: mergeRollups(minutes, hourAt), count: rows.length };
}
