import type pg from 'pg';
import { type EpochMillis, type TargetId, mainVantage } from '../../../core/ids.ts';
import { targetNotFound } from '../../../core/problem.ts';
import type { ResultBatch } from '../../../core/result/probe-result.ts';
import { emptySeries, rowsBetween, type Series, sortSeries } from '../../../core/result/series.ts';
import { dayMillis, floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import { splitByHour } from '../../series/batch-split.ts';
import {
  type ImportOutcome,
  type ImportProgress,
  joinedRows,
  outcomeOf,
  type StoredHour,
  timesOf,
  withoutTimesOf,
} from '../../records/imports.ts';
import type { Retention } from '../../port.ts';
import { addedResults, lateHoursOf } from './append.ts';
import type { Dependencies } from '../dependencies.ts';
import { addRolledUp, joinHours } from './backfill.ts';
import type { Queries } from '../connection/connection.ts';
import { keepHours, keptHours, lockRunning, noteStored } from '../records/imports.ts';
import { readRows } from '../rollups/results.ts';
import { readRollups } from '../rollups/rollups.ts';

export interface ImportRequest {
  readonly id: number;
  readonly targetId: TargetId;
  /** All of the target. */
  readonly batch: ResultBatch;
  readonly progress: ImportProgress;
  readonly retention: Retention;
}

interface Hour {
  readonly hourAt: EpochMillis;
  /** In time order, one row for each time. */
  readonly rows: Series;
}

/** One transaction: results, rollups, what they are undone by, and the import's progress. */
export async function importResults(dependencies: Dependencies, request: ImportRequest): Promise<ImportOutcome> {
  const { connections, state, tables, now, recent } = dependencies;
  const { id, targetId, batch, progress, retention } = request;
  if (!state.known.has(targetId)) throw targetNotFound(targetId);
  const cutoffs = tables.cutoffs(now(), retention);
  const oldest = retention.hourDays === 0 ? 0 : floorTo(now() - retention.hourDays * dayMillis, hourMillis);
  const rawFrom = Math.max(state.floorOf('raw'), cutoffs.raw);
  const minutesFrom = Math.max(state.floorOf('1m'), cutoffs['1m']);
  const hours = splitByHour(batch).map(({ hourAt, series }) => ({ hourAt, rows: sortSeries(series) }));
  const tooOld = hours.filter(({ hourAt }) => hourAt < oldest).flatMap(({ rows }) => timesOf(rows));
  const kept = hours.filter(({ hourAt }) => hourAt >= oldest);
  const aged = kept.filter(({ hourAt }) => hourAt < rawFrom);
  const raw = kept.filter(({ hourAt }) => hourAt >= rawFrom);
  const fresh = joinHours(raw.map(({ hourAt, rows }) => ({ targetId, hourAt, series: rows })));
  await tables.makeRoomFor(fresh);
  using _held = state.holdBack(fresh);
  const outcome = await state.marking((markDirty) =>
    connections.transaction(async (client, queries) => {
      const before = await lockRunning(queries, id);
      const stored = await storeRaw(dependencies, { client, queries }, raw, fresh);
      await markDirty(queries, lateHoursOf(fresh, dependencies));
      const { rolledUp, rawDeleted } = await rollUpAged(queries, targetId, aged, minutesFrom);
      if (rolledUp.length > 0) {
        await state.raiseFloor(queries, 'raw', cutoffs.raw);
        await state.raiseFloor(queries, '1m', cutoffs['1m']);
      }
      await keepHours(queries, { id, targetId }, [...stored, ...rolledUp]);
      const done = outcomeOf(batch.length, [...stored, ...rolledUp], { tooOld, rawDeleted });
      await noteStored(queries, before, progress, done);
      return done;
    }),
  );
  recent.forget([targetId]);
  return outcome;
}

async function storeRaw(
  { connections }: Pick<Dependencies, 'connections'>,
  { client, queries }: { readonly client: pg.ClientBase; readonly queries: Queries },
  hours: readonly Hour[],
  batch: ResultBatch,
): Promise<readonly StoredHour[]> {
  const times = await addedResults(connections, client, queries, { batch, vantage: mainVantage });
  return hours.flatMap(({ hourAt, rows }) => {
    const added = times === 'all' ? rows : onlyTimes(rows, times);
    return added.length === 0 ? [] : [{ hourAt, rows: added, isRaw: true }];
  });
}

function onlyTimes(rows: Series, times: ReadonlySet<EpochMillis>): Series {
  const others = timesOf(rows).filter((time) => !times.has(time));
  if (others.length === 0) return rows;
  return withoutTimesOf(rows, { ...rows, length: others.length, sentAtMillis: Float64Array.from(others) });
}

/** Raw results this old are not kept: they go into the rollups, where it is known which of them exist already. */
async function rollUpAged(
  queries: Queries,
  targetId: TargetId,
  hours: readonly Hour[],
  minutesFrom: EpochMillis,
): Promise<{ readonly rolledUp: readonly StoredHour[]; readonly rawDeleted: readonly EpochMillis[] }> {
  const [first, last] = [hours[0]?.hourAt ?? 0, hours.at(-1)?.hourAt ?? 0];
  if (hours.length === 0) return { rolledUp: [], rawDeleted: [] };
  const stretch = { from: first, to: last + hourMillis };
  const key = { targetId, vantage: mainVantage };
  const rollups = await readRollups(queries, 'hour', [targetId], { ...stretch, vantage: mainVantage });
  const counts = new Map(rollups.get(targetId)?.map(({ startAt, sent, notSent }) => [startAt, sent + notSent]));
  const imported = await keptHours(
    queries,
    targetId,
    hours.map(({ hourAt }) => hourAt),
  );
  // Those that retention is about to delete still exist.
  const raw = await readRows(queries, key, stretch);
  const rolledUp: StoredHour[] = [];
  const rawDeleted: EpochMillis[] = [];
  for (const { hourAt, rows } of hours) {
    const own = imported.filter((each) => each.hourAt === hourAt).map((each) => each.rows);
    const known = joinedRows([emptySeries, ...own, rowsBetween(raw, hourAt, hourAt + hourMillis)]);
    const added = withoutTimesOf(rows, known);
    // Other results have been rolled up with those: there is no way to tell which.
    if ((counts.get(hourAt) ?? 0) > known.length) rawDeleted.push(...timesOf(added));
    else if (added.length > 0) rolledUp.push({ hourAt, rows: added, isRaw: false });
  }
  await addRolledUp(
    queries,
    key,
    rolledUp.map(({ hourAt, rows }) => ({ hourAt, series: rows })),
    minutesFrom,
  );
  return { rolledUp, rawDeleted };
}
