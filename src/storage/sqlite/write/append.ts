import { encodeBatch } from '../../../core/result/batch-codec.ts';
import type { EpochMillis, TargetId, VantageId } from '../../../core/ids.ts';
import { copyResult } from '../../../core/result/probe-batches.ts';
import { createBatch, type ResultBatch } from '../../../core/result/probe-result.ts';
import type { Commit } from '../../port.ts';
import type { AgedResults } from '../blocks/aged-results.ts';
import { uncompressed } from '../../series/compression.ts';
import type { Database } from '../file/database.ts';
import { insertEvents } from '../records/events.ts';
import type { Tail } from '../blocks/tail.ts';
import { putStates } from '../records/target-states.ts';

interface Dependencies {
  readonly database: Database;
  readonly tail: Tail;
  readonly aged: AgedResults;
  readonly isKnownTarget: (id: TargetId) => boolean;
  /** Runs once the answer is on its way, before any other request. */
  readonly afterReply: (work: () => void) => void;
}

/**
 * Stores commits' results and events in one transaction, so that waiting commits share one write to the disk; a commit that is
 * already stored changes nothing.
 */
export function append(
  { database, tail, aged, isKnownTarget, afterReply }: Dependencies,
  commits: readonly Commit[],
): void {
  const added = database.transaction(() =>
    commits.flatMap((commit) => {
      const { late, fresh } = splitAged(commit, aged, isKnownTarget);
      if (!takeSequence(database, commit)) return [];
      insertEvents(database, commit.events);
      putStates(database, commit.states ?? []);
      insertBatch(database, fresh, commit.vantage);
      if (late.length > 0) aged.addToRollups(late, commit.vantage);
      return [{ fresh, vantage: commit.vantage }];
    }),
  );
  // Durable: the answer need not wait for the index in memory, which is updated before the next request.
  afterReply(() => {
    for (const { fresh, vantage } of added) tail.add(fresh, vantage);
  });
}

function takeSequence(database: Database, { source, sequence }: Pick<Commit, 'source' | 'sequence'>): boolean {
  const sql = `insert into commit_sources (source, last_sequence, used_at_millis)
    values (?, ?, cast(unixepoch('subsec') * 1000 as integer))
    on conflict (source) do update
      set last_sequence = excluded.last_sequence, used_at_millis = excluded.used_at_millis
    where excluded.last_sequence > commit_sources.last_sequence`;
  return database.run(sql, source, sequence).changes > 0;
}

/** Within a transaction: makes results durable before they are sealed. `importId`: of an import, which can be undone. */
export function insertBatch(database: Database, batch: ResultBatch, vantage: VantageId, importId?: number): void {
  if (batch.length === 0) return;
  let from: EpochMillis = batch.sentAtMillis[0] ?? 0;
  let to = from;
  for (let index = 1; index < batch.length; index++) {
    const sentAt = batch.sentAtMillis[index] ?? 0;
    if (sentAt < from) from = sentAt;
    if (sentAt > to) to = sentAt;
  }
  database.run(
    `insert into unsealed_batches (vantage, from_millis, to_millis, result_count, payload, import_id)
     values (?, ?, ?, ?, ?, ?)`,
    ...[vantage, from, to, batch.length, encodeBatch(batch, uncompressed), importId ?? null],
  );
}

/**
 * Rows for hours whose raw results retention has deleted go straight into the rollups; rows of unknown (purged) targets are left
 * out.
 */
function splitAged(
  { results: batch, vantage }: Pick<Commit, 'results' | 'vantage'>,
  aged: AgedResults,
  isKnownTarget: (id: TargetId) => boolean,
): { readonly late: ResultBatch; readonly fresh: ResultBatch } {
  const { length, targetIds, sentAtMillis } = batch;
  const isLate = new Uint8Array(length);
  let [lateCount, freshCount] = [0, 0];
  for (let index = 0; index < length; index++) {
    const targetId = targetIds[index] as TargetId;
    if (!isKnownTarget(targetId)) isLate[index] = 2;
    else if (aged.isAged({ targetId, vantage }, sentAtMillis[index] ?? 0)) isLate[index] = 1;
    if (isLate[index] === 1) lateCount++;
    else if (isLate[index] === 0) freshCount++;
  }
  if (freshCount === batch.length) return { late: createBatch(0), fresh: batch };
  return { late: rowsMarked(batch, isLate, 1, lateCount), fresh: rowsMarked(batch, isLate, 0, freshCount) };
}

function rowsMarked(batch: ResultBatch, marks: Uint8Array, wanted: number, count: number): ResultBatch {
  const rows = createBatch(count);
  let at = 0;
  for (let index = 0; index < batch.length; index++) {
    if (marks[index] !== wanted) continue;
    copyResult(batch, index, rows, at++);
  }
  return rows;
}
