import type pg from 'pg';
import type { EpochMillis, TargetId, VantageId } from '../../../core/ids.ts';
import { batchOf, pickRows } from '../../../core/result/probe-batches.ts';
import { createBatch, type ResultBatch } from '../../../core/result/probe-result.ts';
import { mergeRollups, rollupSeries } from '../../../core/history/rollup.ts';
import { sortSeries } from '../../../core/result/series.ts';
import { floorTo, hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import { splitByHour } from '../../series/batch-split.ts';
import type { Commit } from '../../port.ts';
import type { Connections, Queries } from '../connection/connection.ts';
import type { Dependencies } from '../dependencies.ts';
import { copyRows } from '../connection/copy-rows.ts';
import { insertRows, insertRowsOfOne } from '../connection/insert-rows.ts';
import { insertEvents } from '../records/events.ts';
import { codeOf } from '../connection/postgres-problems.ts';
import { addRollups } from '../rollups/rollups.ts';
import { numberIn } from '../connection/sql-values.ts';
import { type DirtyHour, everyTarget, type State } from '../rollups/state.ts';
import { putStates } from '../records/target-states.ts';

/** Results that were all probed from one place. */
interface VantageBatch {
  readonly batch: ResultBatch;
  readonly vantage: VantageId;
}

const uniqueViolation = '23505';

/** One after the other: on separate connections, a later commit of a source would make an earlier one look stored. */
export function createAppend(dependencies: Dependencies): (...commits: Commit[]) => Promise<void> {
  const tried = new Map<string, number>();
  return (...commits) => dependencies.inTurn(() => append(dependencies, commits, tried));
}

/** One transaction; a commit that is already stored changes nothing. */
async function append(
  dependencies: Dependencies,
  commits: readonly Commit[],
  /** By source: the last commit of which it is not known whether it was stored. */
  tried: Map<string, number>,
): Promise<void> {
  const { connections, state, tables, recent } = dependencies;
  const parts = commits.map((commit) => ({ commit, ...splitLate(commit.results, state) }));
  const all = joined(parts.map(({ fresh }) => fresh));
  await tables.makeRoomFor(all);
  using _held = state.holdBack(all);
  const stored = state.marking((markDirty) =>
    connections.transaction(async (client, queries) => {
      const newFrom = await takeSequences(queries, commits);
      const added = parts.filter(({ commit }) => commit.sequence >= newFrom);
      let isWhole = true;
      for (const [vantage, own] of Map.groupBy(added, ({ commit }) => commit.vantage)) {
        const fresh = joined(own.map((part) => part.fresh));
        const inserted = await insertResults(connections, client, queries, { batch: fresh, vantage });
        isWhole &&= inserted === fresh.length;
      }
      // One that is already stored may have been completed by a server that we had given up: roll-ups may have passed it.
      await markDirty(queries, lateHoursOf(all, dependencies));
      for (const { commit, late } of added) await addLate(queries, { batch: late, vantage: commit.vantage }, state);
      await insertEvents(
        queries,
        added.flatMap(({ commit }) => commit.events),
      );
      await putStates(
        queries,
        added.flatMap(({ commit }) => commit.states ?? []),
      );
      return { newFrom, isWhole };
    }),
  );
  const last = commits.at(-1);
  const { newFrom, isWhole } = await stored.catch((error: unknown) => {
    if (last !== undefined) tried.set(last.source, last.sequence);
    throw error;
  });
  // Results stored by an attempt whose answer was lost are as new to the caches as others.
  const isNew = ({ source, sequence }: Commit): boolean => sequence >= newFrom || sequence <= (tried.get(source) ?? 0);
  for (const { commit, fresh } of parts) {
    const ofVantage = recent.of(commit.vantage);
    if (!isWhole) ofVantage.forget(new Set(fresh.targetIds as Iterable<number> as Iterable<TargetId>));
    else if (isNew(commit)) ofVantage.add(fresh);
  }
  if (last !== undefined) tried.delete(last.source);
}

/** There is nearly always only one, which needs no copy. */
function joined(batches: readonly ResultBatch[]): ResultBatch {
  const [only, ...others] = batches;
  return only !== undefined && others.length === 0 ? only : batchOf(batches);
}

/** The sequence from which they are new. */
async function takeSequences(queries: Queries, commits: readonly Commit[]): Promise<number> {
  const last = commits.at(-1);
  if (last === undefined) return 0;
  const rows = await queries.all(
    `with earlier as (select last_sequence from pmd.commit_sources where source = $1)
     insert into pmd.commit_sources (source, last_sequence) values ($1, $2)
     on conflict (source) do update set last_sequence = excluded.last_sequence, used_at = now()
     where excluded.last_sequence > commit_sources.last_sequence
     returning coalesce((select last_sequence from earlier), -1) as earlier`,
    [last.source, last.sequence],
  );
  const [row] = rows;
  return row === undefined ? Number.POSITIVE_INFINITY : numberIn(row, 'earlier') + 1;
}

/** Within a transaction; returns how many were new. Rows for an existing (target, time) are left out. */
export async function insertResults(
  { usesCopy }: Pick<Connections, 'usesCopy'>,
  client: pg.ClientBase,
  queries: Queries,
  { batch, vantage }: VantageBatch,
): Promise<number> {
  if (batch.length === 0) return 0;
  const isCopied = usesCopy && (await tryCopy(client, { batch, vantage }));
  return isCopied ? batch.length : insertRows(queries, batch, vantage);
}

/** The same for rows of one target without duplicate times; returns the times of those that were new. */
export async function addedResults(
  { usesCopy }: Pick<Connections, 'usesCopy'>,
  client: pg.ClientBase,
  queries: Queries,
  { batch, vantage }: VantageBatch,
): Promise<ReadonlySet<EpochMillis> | 'all'> {
  if (batch.length === 0) return 'all';
  const isCopied = usesCopy && (await tryCopy(client, { batch, vantage }));
  return isCopied ? 'all' : insertRowsOfOne(queries, batch, vantage);
}

/** False if one of the rows exists already; then none is stored. */
async function tryCopy(client: pg.ClientBase, { batch, vantage }: VantageBatch): Promise<boolean> {
  await client.query('savepoint results');
  try {
    await copyRows(client, 'pmd.probe_results', batch, vantage);
    return true;
  } catch (error) {
    if (codeOf(error) !== uniqueViolation) throw error;
    await client.query('rollback to savepoint results');
    return false;
  }
}

// A row for each target of a large fleet, rewritten by each commit of a backlog, would cost more than the results.
const targetsMarkedMax = 200;

/** The hours of a batch that may be rolled up already; many targets are marked as all of them. */
export function lateHoursOf(batch: ResultBatch, { state }: Pick<Dependencies, 'state'>): DirtyHour[] {
  const lateBefore = state.rollingUpUntil();
  const idsOf = new Map<EpochMillis, Set<TargetId>>();
  for (let index = 0; index < batch.length; index++) {
    const sentAt = batch.sentAtMillis[index] ?? 0;
    if (sentAt >= lateBefore) continue;
    const hourAt = floorTo(sentAt, hourMillis);
    const ids = idsOf.get(hourAt) ?? new Set<TargetId>();
    idsOf.set(hourAt, ids.add(batch.targetIds[index] as TargetId));
  }
  return [...idsOf].flatMap(([hourAt, ids]) =>
    (ids.size > targetsMarkedMax ? [everyTarget] : [...ids]).map((targetId) => ({ targetId, hourAt })),
  );
}

/**
 * Rows for hours whose raw results retention has deleted go straight into the rollups; rows of unknown (purged) targets are left
 * out.
 */
function splitLate(batch: ResultBatch, state: State): { readonly late: ResultBatch; readonly fresh: ResultBatch } {
  const floor = state.floorOf('raw');
  const isUsual = (index: number): boolean =>
    (batch.sentAtMillis[index] ?? 0) >= floor && state.known.has(batch.targetIds[index] as TargetId);
  const indexes = Array.from({ length: batch.length }, (_, index) => index);
  if (indexes.every(isUsual)) return { late: createBatch(0), fresh: batch };
  const known = indexes.filter((index) => state.known.has(batch.targetIds[index] as TargetId));
  const { late = [], fresh = [] } = Object.groupBy(known, (index) => (isUsual(index) ? 'fresh' : 'late'));
  return { late: pickRows(batch, late), fresh: pickRows(batch, fresh) };
}

/** Within a transaction: minutes only if minutes are kept. */
export async function addLate(queries: Queries, { batch, vantage }: VantageBatch, state: State): Promise<void> {
  for (const { targetId, hourAt, series } of splitByHour(batch)) {
    const key = { targetId, vantage };
    const minutes = rollupSeries(sortSeries(series), minuteMillis);
    if (hourAt >= state.floorOf('1m')) await addRollups(queries, 'minute', key, minutes);
    await addRollups(queries, 'hour', key, [mergeRollups(minutes, hourAt)]);
  }
}
