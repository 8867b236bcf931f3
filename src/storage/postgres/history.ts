import { type EpochMillis, type TargetId, thisServer, type VantageId } from '../../core/ids.ts';
import { outcomeCodes } from '../../core/probe-result.ts';
import { mergeRollups, type Rollup, rollupSeries } from '../../core/rollup.ts';
import { rowsBetween, type Series } from '../../core/series.ts';
import { ceilTo, floorTo, hourMillis, minuteMillis } from '../../core/time-buckets.ts';
import type { Dependencies } from './append.ts';
import { readRows } from './results.ts';
import { readRollups, type RollupStep, type Stretch } from './rollups.ts';

interface Reading extends Stretch {
  readonly vantage: VantageId;
}

/** The rollups of some targets with from <= startAt < to, those of hours that got late results made from the results. */
export async function rollupsOf(
  { connections, state }: Dependencies,
  step: RollupStep,
  ids: readonly TargetId[],
  { from, to, vantage }: Reading,
): Promise<ReadonlyMap<TargetId, readonly Rollup[]>> {
  const stored = await readRollups(connections, step, ids, { from, to, vantage });
  const whole = new Map<TargetId, readonly Rollup[]>();
  for (const id of ids) {
    const dirty = vantage === thisServer ? state.dirtyHoursOf(id) : new Set<EpochMillis>();
    const hours = [...dirty].filter((hourAt) => hourAt + hourMillis > from && hourAt < to);
    const clean = (stored.get(id) ?? []).filter(({ startAt }) => !dirty.has(floorTo(startAt, hourMillis)));
    const fresh: Rollup[] = [];
    for (const [start, end] of runsOf(hours)) {
      const rows = await readRows(connections, { targetId: id, vantage }, { from: start, to: end });
      fresh.push(...rollUpRows(rows, step).filter(({ startAt }) => startAt >= from && startAt < to));
    }
    const all = fresh.length === 0 ? clean : [...clean, ...fresh].toSorted((a, b) => a.startAt - b.startAt);
    if (all.length > 0) whole.set(id, all);
  }
  return whole;
}

function rollUpRows(rows: Series, step: RollupStep): Rollup[] {
  const minutes = rollupSeries(rows, minuteMillis);
  if (step === 'minute') return minutes;
  const hours = Map.groupBy(minutes, ({ startAt }) => floorTo(startAt, hourMillis));
  return [...hours].map(([hourAt, own]) => mergeRollups(own, hourAt));
}

/** Neighbouring hours joined, `[start, end)`, a day at most. */
function* runsOf(hours: readonly EpochMillis[]): Generator<readonly [EpochMillis, EpochMillis]> {
  const sorted = hours.toSorted((a, b) => a - b);
  for (let first = 0; first < sorted.length;) {
    const start = sorted[first] ?? 0;
    let next = first + 1;
    while (next < sorted.length && next - first < 24 && sorted[next] === start + (next - first) * hourMillis) next++;
    yield [start, start + (next - first) * hourMillis];
    first = next;
  }
}

/** The part of a window for which the last result before it speaks: a target may be probed once an hour. */
export async function coveredFromBefore(
  { connections }: Dependencies,
  key: { readonly targetId: TargetId; readonly vantage: VantageId },
  { from, to }: Stretch,
): Promise<number> {
  const [first] = (await readRows(connections, key, { from, to, limit: 1 })).sentAtMillis;
  const until = Math.min(to, first ?? to);
  // Not worth asking for less than a second at the edge.
  if (until - from <= 1000) return 0;
  const before = await readRows(connections, key, { from: floorTo(from, hourMillis) - hourMillis, to: from });
  const rows = rowsBetween(before, from - hourMillis, ceilTo(from, 1));
  const last = rows.length - 1;
  if (last < 0 || rows.outcomes[last] === outcomeCodes['not-sent']) return 0;
  const spokenFor = (rows.sentAtMillis[last] ?? 0) + (rows.intervalMillis[last] ?? 0);
  return Math.max(0, Math.min(spokenFor, until) - from);
}
