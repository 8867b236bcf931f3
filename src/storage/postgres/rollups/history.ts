import type { EpochMillis, TargetId, VantageId } from '../../../core/ids.ts';
import { outcomeCodes } from '../../../core/result/probe-result.ts';
import { mergeNeighbours, type Rollup, rollupSeries } from '../../../core/history/rollup.ts';
import { rowsBetween, type Series } from '../../../core/result/series.ts';
import { ceilTo, dayMillis, floorTo, hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Queries } from '../connection/connection.ts';
import { readRows } from './results.ts';
import type { SeriesKey } from '../../../core/ids.ts';
import { readParts, readRollups, type RollupStep, type Stretch } from './rollups.ts';
import type { State } from './state.ts';

interface Reading extends Stretch {
  readonly vantage: VantageId;
}

/** The rollups of some targets with from <= startAt < to; for hours with late results, computed from the results. */
export async function rollupsOf(
  { connections, state }: { readonly connections: Queries; readonly state: State },
  step: RollupStep,
  ids: readonly TargetId[],
  { from, to, vantage }: Reading,
): Promise<ReadonlyMap<TargetId, readonly Rollup[]>> {
  const stored = await readRollups(connections, step, ids, { from, to, vantage });
  const whole = new Map<TargetId, readonly Rollup[]>();
  for (const id of ids) {
    const dirty = state.dirtyHoursOf(id);
    const hours = [...dirty].filter((hourAt) => hourAt + hourMillis > from && hourAt < to);
    const clean = (stored.get(id) ?? []).filter(({ startAt }) => !dirty.has(floorTo(startAt, hourMillis)));
    const fresh: Rollup[] = [];
    for (const [start, end] of runsOf(hours, hourMillis)) {
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
  return step === 'minute' ? minutes : mergeNeighbours(minutes, hourMillis);
}

// Below this length the edges are most of a stretch.
const daysWorthReading = 7;

/** The rollups of a target with from <= startAt < to, ascending: days where a whole day is wanted, hours elsewhere. */
export async function daysAndHoursOf(
  dependencies: Dependencies,
  { targetId, vantage }: SeriesKey,
  { from, to }: Stretch,
): Promise<readonly Rollup[]> {
  const { connections, state } = dependencies;
  const hoursOf = async (stretch: Stretch): Promise<readonly Rollup[]> =>
    (await rollupsOf(dependencies, 'hour', [targetId], { ...stretch, vantage })).get(targetId) ?? [];
  const first = ceilTo(from, dayMillis);
  const last = Math.min(floorTo(to, dayMillis), state.rolledUpUntil('day'));
  if (last - first < daysWorthReading * dayMillis || state.withoutDays.has(targetId)) return hoursOf({ from, to });
  const [parts, before, after] = await Promise.all([
    readParts(connections, 'day', [targetId], { from: first, to: last, vantage }),
    hoursOf({ from, to: first }),
    hoursOf({ from: last, to }),
  ]);
  const days = parts.map(({ rollup }) => rollup);
  const byHours = new Set([...state.dirtyHoursOf(targetId)].map((hourAt) => floorTo(hourAt, dayMillis)));
  // Only the hours themselves contain the order in which they follow each other.
  days.forEach(({ startAt }, index) => startAt === days[index - 1]?.startAt && byHours.add(startAt));
  const hours: Rollup[] = [];
  for (const [start, end] of runsOf(
    [...byHours].filter((dayAt) => dayAt >= first && dayAt < last),
    dayMillis,
  )) {
    hours.push(...(await hoursOf({ from: start, to: end })));
  }
  const middle = [...days.filter(({ startAt }) => !byHours.has(startAt)), ...hours];
  return [...before, ...middle.toSorted((a, b) => a.startAt - b.startAt), ...after];
}

/** Neighbouring steps joined, `[start, end)`, 24 at most. */
function* runsOf(steps: readonly EpochMillis[], step: number): Generator<readonly [EpochMillis, EpochMillis]> {
  const sorted = steps.toSorted((a, b) => a - b);
  for (let first = 0; first < sorted.length;) {
    const start = sorted[first] ?? 0;
    let next = first + 1;
    while (next < sorted.length && next - first < 24 && sorted[next] === start + (next - first) * step) next++;
    yield [start, start + (next - first) * step];
    first = next;
  }
}

/** The part of a window that the last result before it covers: a target may be probed once an hour. */
export async function coveredFromBefore(
  { connections }: Dependencies,
  key: { readonly targetId: TargetId; readonly vantage: VantageId },
  { from, to }: Stretch,
): Promise<number> {
  const [first] = (await readRows(connections, key, { from, to, limit: 1 })).sentAtMillis;
  const until = Math.min(to, first ?? to);
  // Not worth a query for less than a second at the edge.
  if (until - from <= 1000) return 0;
  const before = await readRows(connections, key, { from: floorTo(from, hourMillis) - hourMillis, to: from });
  const rows = rowsBetween(before, from - hourMillis, ceilTo(from, 1));
  const last = rows.length - 1;
  if (last < 0 || rows.outcomes[last] === outcomeCodes['not-sent']) return 0;
  const spokenFor = (rows.sentAtMillis[last] ?? 0) + (rows.intervalMillis[last] ?? 0);
  return Math.max(0, Math.min(spokenFor, until) - from);
}
