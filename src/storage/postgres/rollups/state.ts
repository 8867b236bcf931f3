import type { EpochMillis, TargetId } from '../../../core/ids.ts';
import type { ResultBatch } from '../../../core/result/probe-result.ts';
import type { Resolution } from '../../../core/history/window.ts';
import type { Connections, Queries } from '../connection/connection.ts';
import type { RollupStep } from './rollups.ts';
import { millisOf, numberIn, timestamp } from '../connection/sql-values.ts';
import { targetIds } from '../records/targets.ts';

/** Stands for all targets. A backlog of a large fleet marks its hours with one row each. */
export const everyTarget = 0 as TargetId;

/** A target's hour whose rollups may lack results. */
export interface DirtyHour {
  readonly targetId: TargetId;
  readonly hourAt: EpochMillis;
}

/** Within the transaction that adds their results. */
export type MarkDirty = (queries: Queries, hours: readonly DirtyHour[]) => Promise<void>;

/** What the only writer of a database keeps in memory, so that neither commit nor query has to ask. */
export interface State {
  readonly known: Set<TargetId>;
  floorOf(resolution: Resolution): EpochMillis;
  /** Within a transaction; a floor never decreases. */
  raiseFloor(queries: Queries, resolution: Resolution, floorAt: EpochMillis): Promise<void>;
  rolledUpUntil(step: RollupStep): EpochMillis;
  noteRolledUp(connections: Connections, step: RollupStep, until: EpochMillis): Promise<void>;
  /** Minutes before this are being rolled up or are complete: results that come for them now must be marked. */
  rollingUpUntil(): EpochMillis;
  beginRollUp(until: EpochMillis): void;
  /** While results that no roll-up has passed are in flight, none passes them. Dispose when they are committed. */
  holdBack(batch: ResultBatch): Disposable;
  /** The oldest of those; infinite if there are none. */
  heldBackFrom(): EpochMillis;
  dirtyHoursOf(id: TargetId): ReadonlySet<EpochMillis>;
  /** Runs a transaction that marks hours: until it has ended, no roll-up counts as having seen its results. */
  marking<T>(transaction: (markDirty: MarkDirty) => Promise<T>): Promise<T>;
  /** The marks up to one. */
  dirtyHours(upToMark?: number): ReadonlyMap<EpochMillis, readonly TargetId[]>;
  /** What is dirty up to this mark is committed, and so covered by a roll-up that begins now. */
  currentMark(): number;
  clearDirty(connections: Connections, hourAt: EpochMillis, upToMark: number): Promise<void>;
  forget(queries: Queries, id: TargetId): Promise<void>;
  /** Targets whose added hours have no days yet. */
  readonly withoutDays: Set<TargetId>;
}

const resolutionOf = { minute: '1m', hour: '1h', day: '1d' } as const;
const noHours: ReadonlySet<EpochMillis> = new Set();

export async function loadState(connections: Connections): Promise<State> {
  const known = new Set(await targetIds(connections));
  const floors = await loadTimes(
    connections,
    `select resolution, ${millisOf('floor_at')} as at from pmd.retention_floors`,
  );
  const watermarks = await loadTimes(
    connections,
    `select resolution, ${millisOf('rolled_up_until')} as at from pmd.rollup_watermarks`,
  );
  const pending = await connections.all('select target_id from pmd.targets_without_days');
  const withoutDays = new Set(pending.map((row) => numberIn(row, 'target_id') as TargetId));
  const marks = new Map<TargetId, Map<EpochMillis, number>>();
  let mark = 0;
  let rollingUpUntil: EpochMillis = 0;
  const heldBack = new Set<{ readonly oldest: EpochMillis }>();
  /** Marks of transactions that have not ended. */
  const openMarks = new Set<number>();
  const note = (id: TargetId, hourAt: EpochMillis, markedIn: number): void => {
    const hours = marks.get(id) ?? new Map<EpochMillis, number>();
    hours.set(hourAt, markedIn);
    marks.set(id, hours);
    mark = Math.max(mark, markedIn);
  };
  for (const row of await connections.all(
    `select target_id, ${millisOf('hour_at')} as hour_at_millis, marked_in from pmd.dirty_hours`,
  )) {
    note(numberIn(row, 'target_id') as TargetId, numberIn(row, 'hour_at_millis'), numberIn(row, 'marked_in'));
  }

  const passed = (): EpochMillis => Math.max(rollingUpUntil, watermarks.get('1m') ?? 0);

  return {
    known,
    withoutDays,
    floorOf: (resolution) => floors.get(resolution) ?? 0,
    async raiseFloor(queries, resolution, floorAt) {
      // Read from the table each time: what is known here may come from a transaction that was rolled back.
      const sql = 'update pmd.retention_floors set floor_at = $1 where resolution = $2 and floor_at < $1';
      await queries.all(sql, [timestamp(floorAt), resolution]);
      floors.set(resolution, Math.max(floorAt, floors.get(resolution) ?? 0));
    },
    rolledUpUntil: (step) => watermarks.get(resolutionOf[step]) ?? 0,
    rollingUpUntil: passed,
    beginRollUp: (until) => {
      rollingUpUntil = Math.max(rollingUpUntil, until);
    },
    holdBack(batch) {
      const begun = passed();
      let oldest = Number.POSITIVE_INFINITY;
      for (let index = 0; index < batch.length; index++) {
        const sentAt = batch.sentAtMillis[index] ?? 0;
        if (sentAt >= begun && sentAt < oldest) oldest = sentAt;
      }
      const held = { oldest };
      heldBack.add(held);
      return { [Symbol.dispose]: () => void heldBack.delete(held) };
    },
    heldBackFrom: () => [...heldBack].reduce((least, { oldest }) => Math.min(least, oldest), Number.POSITIVE_INFINITY),
    async noteRolledUp(connections, step, until) {
      const sql =
        'update pmd.rollup_watermarks set rolled_up_until = greatest(rolled_up_until, $1) where resolution = $2';
      await connections.write(sql, [timestamp(until), resolutionOf[step]]);
      watermarks.set(resolutionOf[step], Math.max(until, watermarks.get(resolutionOf[step]) ?? 0));
    },
    dirtyHoursOf: (id) => {
      const [own, all] = [marks.get(id), marks.get(everyTarget)];
      if (own === undefined && all === undefined) return noHours;
      return new Set([...(own?.keys() ?? []), ...(all?.keys() ?? [])]);
    },
    async marking(transaction) {
      const own = new Set<number>();
      try {
        return await transaction(async (queries, hours) => {
          if (hours.length === 0) return;
          const markedIn = ++mark;
          own.add(markedIn);
          openMarks.add(markedIn);
          await queries.all(
            `insert into pmd.dirty_hours (target_id, vantage, hour_at, marked_in)
         select target_id, 0, hour_at, $3 from unnest($1::integer[], $2::timestamptz[]) as hours (target_id, hour_at)
         on conflict (target_id, vantage, hour_at) do update set marked_in = excluded.marked_in`,
            [hours.map(({ targetId }) => targetId), hours.map(({ hourAt }) => timestamp(hourAt)), markedIn],
          );
          // Known before the commit: a query that reads results instead of rollups is right in either case.
          for (const { targetId, hourAt } of hours) note(targetId, hourAt, markedIn);
        });
      } finally {
        for (const each of own) openMarks.delete(each);
      }
    },
    dirtyHours(upToMark = Number.POSITIVE_INFINITY) {
      const byHour = new Map<EpochMillis, TargetId[]>();
      for (const [id, hours] of marks) {
        for (const [hourAt, markedIn] of hours) {
          if (markedIn > upToMark) continue;
          const ids = byHour.get(hourAt);
          if (ids === undefined) byHour.set(hourAt, [id]);
          else ids.push(id);
        }
      }
      return new Map([...byHour].toSorted(([a], [b]) => a - b));
    },
    currentMark: () => (openMarks.size === 0 ? mark : Math.min(...openMarks) - 1),
    async clearDirty(connections, hourAt, upToMark) {
      const sql = 'delete from pmd.dirty_hours where hour_at = $1 and marked_in <= $2';
      await connections.write(sql, [timestamp(hourAt), upToMark]);
      for (const [id, hours] of marks) {
        if ((hours.get(hourAt) ?? Number.POSITIVE_INFINITY) <= upToMark) hours.delete(hourAt);
        if (hours.size === 0) marks.delete(id);
      }
    },
    async forget(queries, id) {
      await queries.all('delete from pmd.dirty_hours where target_id = $1', [id]);
      await queries.all('delete from pmd.targets_without_days where target_id = $1', [id]);
      known.delete(id);
      withoutDays.delete(id);
      marks.delete(id);
    },
  };
}

async function loadTimes(connections: Connections, sql: string): Promise<Map<unknown, EpochMillis>> {
  const rows = await connections.all(sql);
  return new Map(rows.map((row) => [row['resolution'], numberIn(row, 'at')]));
}
