import { type EpochMillis, thisServer } from '../../core/ids.ts';
import { dayMillis, floorTo, hourMillis, minuteMillis } from '../../core/time-buckets.ts';
import type { MaintenanceOutcome, Retention } from '../storage.ts';
import type { Dependencies } from './append.ts';
import { timestamp } from './sql-values.ts';
import { renewAddedDays, type RollupStep } from './rollups.ts';

/** Roll-ups stay this far behind now: results that come later than that are marked, and rolled up again. */
const graceMillis = 2 * minuteMillis;
/** What is rolled up at once, whole hours or days of it. */
const steps: Readonly<Record<RollupStep, { readonly stepMillis: number; readonly sliceMillis: number }>> = {
  minute: { stepMillis: minuteMillis, sliceMillis: hourMillis },
  hour: { stepMillis: hourMillis, sliceMillis: 7 * dayMillis },
  day: { stepMillis: dayMillis, sliceMillis: 7 * dayMillis },
};
const dirtyHoursAtOnce = 4;
const farFuture: EpochMillis = Date.UTC(9999, 0);

const nothing: MaintenanceOutcome = { sealedBlocks: 0, deletedBlocks: 0, hasMore: false };

/**
 * One slice: roll up what is complete, then what came late, then delete by age. That order is what keeps anything from
 * being deleted before it is rolled up.
 */
export async function maintain(
  dependencies: Dependencies,
  now: EpochMillis,
  retention: Retention,
): Promise<MaintenanceOutcome> {
  const complete = now - graceMillis;
  const isRolledUp =
    (await rollUpNext(dependencies, 'minute', complete)) ||
    (await rollUpNext(dependencies, 'hour', complete)) ||
    (await rollUpNext(dependencies, 'day', complete)) ||
    (await rollUpDirty(dependencies)) ||
    (await makeMissingDays(dependencies));
  if (isRolledUp) return { ...nothing, sealedBlocks: 1, hasMore: true };
  return deleteAged(dependencies, now, retention);
}

/** The next stretch of what is complete; returns whether there was one. */
async function rollUpNext(
  { connections, state, tables }: Dependencies,
  step: RollupStep,
  complete: EpochMillis,
): Promise<boolean> {
  const { stepMillis, sliceMillis } = steps[step];
  const done = state.rolledUpUntil(step);
  if (complete < done + stepMillis + tables.patienceMillis[step]) return false;
  const until = floorTo(complete, stepMillis);
  const next = Math.min(until, (await tables.nextDataAt(step, done)) ?? until);
  const from = Math.max(done, floorTo(next, Math.max(stepMillis, hourMillis)));
  const to = Math.min(until, floorTo(from, sliceMillis) + sliceMillis);
  if (from < to) await tables.rollUp(step, from, to);
  await state.noteRolledUp(connections, step, Math.max(from, to));
  return true;
}

async function rollUpDirty({ connections, state, tables }: Dependencies): Promise<boolean> {
  const mark = state.currentMark();
  const dirty = [...state.dirtyHours(mark)].slice(0, dirtyHoursAtOnce);
  for (const [hourAt, ids] of dirty) {
    const until = Math.min(hourAt + hourMillis, state.rolledUpUntil('minute'));
    if (until > hourAt) await tables.rollUp('minute', hourAt, until, ids);
    if (state.rolledUpUntil('hour') > hourAt) await tables.rollUp('hour', hourAt, hourAt + hourMillis, ids);
  }
  const byDay = Map.groupBy(dirty, ([hourAt]) => floorTo(hourAt, dayMillis));
  for (const [dayAt, hours] of byDay) {
    const ids = [...new Set(hours.flatMap(([, own]) => own))];
    if (state.rolledUpUntil('day') > dayAt) await tables.rollUp('day', dayAt, dayAt + dayMillis, ids);
  }
  for (const [hourAt] of dirty) await state.clearDirty(connections, hourAt, mark);
  return dirty.length > 0;
}

/** Of one target: its hours were added before there were days. */
async function makeMissingDays({ connections, state }: Dependencies): Promise<boolean> {
  const [targetId] = state.withoutDays;
  if (targetId === undefined) return false;
  await connections.transaction(async (_client, queries) => {
    await renewAddedDays(queries, { targetId, vantage: thisServer }, { from: 0, to: farFuture });
    await queries.all('delete from pmd.targets_without_days where target_id = $1', [targetId]);
  });
  state.withoutDays.delete(targetId);
  return true;
}

async function deleteAged(
  { connections, state, tables }: Dependencies,
  now: EpochMillis,
  retention: Retention,
): Promise<MaintenanceOutcome> {
  const cutoffs = tables.cutoffs(now, retention);
  const rolledUp = Math.min(state.rolledUpUntil('minute'), state.rolledUpUntil('hour'));
  let deletedBlocks = 0;
  for (const resolution of ['raw', '1m', '1h'] as const) {
    // Only what has its coarser form already goes, and the floor is raised before: no window counts on it any more.
    const cutoff = Math.min(cutoffs[resolution], resolution === '1h' ? cutoffs['1h'] : rolledUp);
    if (cutoff <= 0 || cutoff < cutoffs[resolution]) continue;
    await state.raiseFloor(connections, resolution, cutoff);
    deletedBlocks += await tables.dropBefore(resolution, cutoff);
  }
  if (retention.hourDays > 0) {
    const oldest = timestamp(now - retention.hourDays * dayMillis);
    await connections.all('delete from pmd.traces where started_at < $1', [oldest]);
    await connections.all('delete from pmd.audit_entries where at < $1', [oldest]);
  }
  return { ...nothing, deletedBlocks, hasMore: deletedBlocks > 0 };
}
