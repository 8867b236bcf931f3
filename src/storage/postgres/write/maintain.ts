import type { EpochMillis } from '../../../core/ids.ts';
import { dayMillis, floorTo, hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import { sourceDays, sourcesKept } from '../../series/commit-sources.ts';
import { undoableDays } from '../../records/imports.ts';
import type { MaintenanceOutcome, Retention } from '../../port.ts';
import type { Dependencies } from '../dependencies.ts';
import { oldestHourInUse } from '../records/imports.ts';
import { isCancelled } from '../connection/postgres-problems.ts';
import { renewAddedDays, type RollupStep } from '../rollups/rollups.ts';
import { rollUpDirty } from '../rollups/roll-up-dirty.ts';
import { createSlices, type Slices, stepMillisOf } from '../rollups/slices.ts';
import { numberIn, timestamp } from '../connection/sql-values.ts';

const farFuture: EpochMillis = Date.UTC(9999, 0);
const nothing: MaintenanceOutcome = { sealedBlocks: 0, deletedBlocks: 0, hasMore: false };
const somethingRolledUp: MaintenanceOutcome = { sealedBlocks: 1, deletedBlocks: 0, hasMore: true };

/**
 * One slice per call: roll up what is complete, then what came late, then delete by age. This order ensures that nothing is
 * deleted before it is rolled up. No statement reads more rows than `slices.ts` allows; one that the server ends is tried again
 * with fewer.
 */
export function createMaintain(
  dependencies: Dependencies,
): (now: EpochMillis, retention: Retention) => Promise<MaintenanceOutcome> {
  const slices = createSlices(dependencies);
  /** Late hours take many slices: where the last one ended. */
  let late: AsyncGenerator<void> | undefined;

  async function rollUpLate(): Promise<boolean> {
    while (late !== undefined || hasDirtyHours(dependencies)) {
      late ??= rollUpDirty(dependencies, slices);
      if ((await late.next()).done !== true) return true;
      late = undefined;
    }
    return false;
  }

  return async (now, retention) => {
    const complete = Math.min(now - dependencies.settleMillis, dependencies.state.heldBackFrom());
    try {
      const isRolledUp =
        (await rollUpNext(dependencies, slices, 'minute', complete)) ||
        (await rollUpNext(dependencies, slices, 'hour', complete)) ||
        (await rollUpNext(dependencies, slices, 'day', complete)) ||
        (await rollUpLate()) ||
        (await makeMissingDays(dependencies));
      if (isRolledUp) return somethingRolledUp;
    } catch (error) {
      late = undefined;
      if (isCancelled(error) && slices.shrink()) return { ...nothing, hasMore: true };
      throw error;
    }
    return deleteAged(dependencies, now, retention);
  };
}

/** A coarser step follows the finer one that it is made from, never beyond what that has completed. */
const madeOf = { minute: undefined, hour: 'minute', day: 'hour' } as const;

/** The next complete stretch; returns whether there was one. */
async function rollUpNext(
  { connections, state, tables }: Dependencies,
  slices: Slices,
  step: RollupStep,
  complete: EpochMillis,
): Promise<boolean> {
  const stepMillis = stepMillisOf[step];
  const done = state.rolledUpUntil(step);
  const finer = madeOf[step];
  const until = floorTo(finer === undefined ? complete : Math.min(complete, state.rolledUpUntil(finer)), stepMillis);
  if (until < done + stepMillis) return false;
  const next = Math.min(until, (await tables.nextDataAt(step, done)) ?? until);
  const from = Math.max(done, floorTo(next, Math.max(stepMillis, hourMillis)));
  const to = Math.min(until, await slices.endOf(step, from));
  if (step === 'minute') state.beginRollUp(Math.max(from, to));
  if (from < to) await slices.rollUpAll(step, { from, to });
  await state.noteRolledUp(connections, step, Math.max(from, to));
  return true;
}

function hasDirtyHours({ state }: Dependencies): boolean {
  return state.dirtyHours(state.currentMark()).size > 0;
}

/** For one target: its hours were added before there were days. */
async function makeMissingDays({ connections, state }: Dependencies): Promise<boolean> {
  const [targetId] = state.withoutDays;
  if (targetId === undefined) return false;
  await connections.transaction(async (_client, queries) => {
    const rows = await queries.all('select distinct vantage from pmd.added_hour_rollups where target_id = $1', [
      targetId,
    ]);
    for (const row of rows) {
      await renewAddedDays(queries, { targetId, vantage: numberIn(row, 'vantage') }, { from: 0, to: farFuture });
    }
    await queries.all('delete from pmd.targets_without_days where target_id = $1', [targetId]);
  });
  state.withoutDays.delete(targetId);
  return true;
}

/** Events and outages deleted per call; the next call comes in ten seconds. */
const rowsPerSlice = 10_000;

async function deleteAged(
  { connections, state, tables }: Dependencies,
  now: EpochMillis,
  retention: Retention,
): Promise<MaintenanceOutcome> {
  const aged = tables.cutoffs(now, retention);
  // What an import is filling stays until it has ended; otherwise the rest of such an hour would come too late.
  const cutoffs = { ...aged, raw: Math.min(aged.raw, floorTo(await oldestHourInUse(connections), dayMillis)) };
  const rolledUp = Math.min(state.rolledUpUntil('minute'), state.rolledUpUntil('hour'));
  let deletedBlocks = 0;
  for (const resolution of ['raw', '1m', '1h'] as const) {
    // Only data whose coarser form exists is deleted, and the floor is raised before: no window relies on it any more.
    const cutoff = Math.min(cutoffs[resolution], resolution === '1h' ? cutoffs['1h'] : rolledUp);
    if (cutoff <= 0 || cutoff < cutoffs[resolution]) continue;
    await connections.transaction((_client, queries) => state.raiseFloor(queries, resolution, cutoff));
    deletedBlocks += await tables.dropBefore(resolution, cutoff);
  }
  await connections.write(
    `delete from pmd.import_hours where (import_id, hour_at, is_raw) in
     (select import_id, hour_at, is_raw from pmd.import_hours join pmd.imports on imports.id = import_id
      where ended_at < $1 and state <> 'undoing' limit $2)`,
    [timestamp(now - undoableDays * dayMillis), rowsPerSlice],
  );
  if (retention.hourDays > 0) {
    const oldest = timestamp(now - retention.hourDays * dayMillis);
    await connections.write('delete from pmd.traces where started_at < $1', [oldest]);
    await connections.write('delete from pmd.audit_entries where at < $1', [oldest]);
    await connections.write('delete from pmd.imports where ended_at < $1', [oldest]);
    await connections.write(
      `delete from pmd.outages where (target_id, vantage, from_at) in
       (select target_id, vantage, from_at from pmd.outages where to_at < $1 limit $2)`,
      [oldest, rowsPerSlice],
    );
  }
  await connections.write(
    `delete from pmd.commit_sources where source in
     (select source from pmd.commit_sources order by used_at desc, source desc offset $1 limit $2) and used_at < $3`,
    [sourcesKept, rowsPerSlice, timestamp(now - sourceDays * dayMillis)],
  );
  const { eventDays = 0 } = retention;
  if (eventDays > 0) {
    // Ids grow with time, so the oldest come first.
    await connections.write(
      `delete from pmd.events where id in (select id from (select id, created_at from pmd.events order by id limit $2)
       as oldest where created_at < $1)`,
      [timestamp(now - eventDays * dayMillis), rowsPerSlice],
    );
  }
  return { ...nothing, deletedBlocks, hasMore: deletedBlocks > 0 };
}

/** The end of the last minute that is rolled up. */
export function rolledUpUntil({ state }: Dependencies, now: EpochMillis): EpochMillis | undefined {
  const until = state.rolledUpUntil('minute');
  return until === 0 ? undefined : Math.min(until, floorTo(now, minuteMillis));
}
