import type { EpochMillis, TargetId } from '../../../core/ids.ts';
import { dayMillis, hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { RollupStep, Stretch } from './rollups.ts';

export const stepMillisOf = { minute: minuteMillis, hour: hourMillis, day: dayMillis } as const;

/** About two seconds of work. */
const usualRows = 1_000_000;
/** A rollup costs as much to make as reading this many rows. */
const rowsPerRollup = 50;
/** Below this size, a statement that does not end in time has another reason than its size. */
const leastRows = 2000;
const quickMillis = 500;
const slowMillis = 4000;
/** However few rows there may be. */
const longestMillis: Readonly<Record<RollupStep, number>> = {
  minute: 12 * hourMillis,
  hour: 7 * dayMillis,
  day: 28 * dayMillis,
};

/** What is rolled up by one statement: bounded in rows, by time first and then by targets, and smaller after a failure. */
export interface Slices {
  /** Where the slice that begins at a time ends; at least one step. */
  endOf(step: RollupStep, from: EpochMillis, only?: readonly TargetId[]): Promise<EpochMillis>;
  /** Rolls up a slice, in parts if even one step of all targets is too much; pauses after each. */
  rollUp(step: RollupStep, stretch: Stretch, only?: readonly TargetId[]): AsyncGenerator<void>;
  /** The same without a pause. */
  rollUpAll(step: RollupStep, stretch: Stretch): Promise<void>;
  /** After a statement that the server ended; false if it cannot get any smaller. */
  shrink(): boolean;
}

export function createSlices({ connections, state, tables }: Dependencies): Slices {
  let rowsMax = usualRows;

  /** What a step costs, in rows of its source, assuming that targets are probed as configured. */
  async function rowsPerStep(step: RollupStep, only: readonly TargetId[] | undefined): Promise<number> {
    const [row] = await connections.all(
      `select count(*)::float8 as targets, coalesce(sum(1000.0 / interval_millis), 0)::float8 as per_second
       from pmd.targets where $1::integer[] is null or id = any ($1)`,
      [only ?? null],
    );
    const [targets, perSecond] = [Number(row?.['targets']), Number(row?.['per_second'])];
    const rows = { minute: perSecond * 60, hour: Math.min(targets * 60, perSecond * 3600), day: targets * 24 }[step];
    return Math.max(1, rows + Math.min(rows, targets) * rowsPerRollup);
  }

  /** What the estimate missed shows in the time that it took. */
  function learn(millis: number): void {
    if (millis < quickMillis) rowsMax = Math.min(usualRows * 4, rowsMax * 2);
    else if (millis > slowMillis) rowsMax = Math.max(leastRows, rowsMax / 2);
  }

  const slices: Slices = {
    async endOf(step, from, only) {
      const stepMillis = stepMillisOf[step];
      const steps = Math.floor(rowsMax / (await rowsPerStep(step, only)));
      return from + Math.min(longestMillis[step], Math.max(1, steps) * stepMillis);
    },
    async *rollUp(step, { from, to }, only) {
      const perStep = await rowsPerStep(step, only);
      const isOneStep = to - from <= stepMillisOf[step];
      const parts = isOneStep && tables.splitsByTarget ? Math.ceil(perStep / rowsMax) : 1;
      const ids = parts > 1 ? (only ?? [...state.known].toSorted((a, b) => a - b)) : only;
      const size = Math.ceil((ids?.length ?? 1) / parts);
      for (let part = 0; part < parts; part++) {
        const startedAt = performance.now();
        const own = parts > 1 ? ids?.slice(part * size, (part + 1) * size) : ids;
        if (own?.length !== 0) await tables.rollUp(step, from, to, own);
        learn(performance.now() - startedAt);
        yield;
      }
    },
    async rollUpAll(step, stretch) {
      const parts = slices.rollUp(step, stretch);
      while ((await parts.next()).done !== true);
    },
    shrink() {
      if (rowsMax <= leastRows) return false;
      rowsMax = Math.max(leastRows, rowsMax / 4);
      return true;
    },
  };
  return slices;
}
