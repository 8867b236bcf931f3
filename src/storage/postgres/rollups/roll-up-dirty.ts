import { type EpochMillis, type TargetId } from '../../../core/ids.ts';
import { dayMillis, floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import type { Dependencies } from '../dependencies.ts';
import { everyTarget } from './state.ts';
import type { Slices } from './slices.ts';
import type { RollupStep, Stretch } from './rollups.ts';

/** Hours of one day at most: its day follows them. */
const hoursAtOnce = 24;

/**
 * Rolls up again the hours that got late results, the oldest day of them; pauses after each slice. Started again after a failure,
 * which costs only work. What is marked meanwhile stays marked.
 */
export async function* rollUpDirty({ connections, state }: Dependencies, slices: Slices): AsyncGenerator<void> {
  const mark = state.currentMark();
  const [first, ...others] = state.dirtyHours(mark);
  if (first === undefined) return;
  const dayAt = floorTo(first[0], dayMillis);
  const hours = [first, ...others.filter(([hourAt]) => hourAt < dayAt + dayMillis)].slice(0, hoursAtOnce);
  for (const [hourAt, ids] of hours) {
    const hour = { from: hourAt, to: hourAt + hourMillis };
    yield* again('minute', { from: hourAt, to: Math.min(hour.to, state.rolledUpUntil('minute')) }, ids);
    if (state.rolledUpUntil('hour') > hourAt) yield* again('hour', hour, ids);
  }
  const ids = [...new Set(hours.flatMap(([, own]) => own))];
  if (state.rolledUpUntil('day') > dayAt) yield* again('day', { from: dayAt, to: dayAt + dayMillis }, ids);
  for (const [hourAt] of hours) await state.clearDirty(connections, hourAt, mark);

  async function* again(step: RollupStep, { from, to }: Stretch, ids: readonly TargetId[]): AsyncGenerator<void> {
    const only = ids.includes(everyTarget) ? undefined : ids;
    for (let start: EpochMillis = from; start < to;) {
      const end = Math.min(to, await slices.endOf(step, start, only));
      yield* slices.rollUp(step, { from: start, to: end }, only);
      start = end;
    }
  }
}
