import type { ImportEntry } from '../../contract/history/imports.ts';
import type { EpochMillis } from '../../core/ids.ts';
import { type Import, undoableUntil } from '../../storage/storage.ts';
import { instantOf } from '../translate.ts';

const instantOrNull = (time: EpochMillis | undefined): string | null => (time === undefined ? null : instantOf(time));

export function importEntry(job: Import): ImportEntry {
  const refusedCount = refusedOf(job);
  // When a file cannot be read to its end, no row is at fault.
  const hasEndingFault = job.failure !== undefined && job.faults.some(({ message }) => message === job.failure);
  const isUndoable = job.state !== 'undone' && job.stored > 0;
  return {
    row_count: job.rowCount,
    stored: job.stored,
    duplicates: job.duplicates,
    error_count: refusedCount + (hasEndingFault ? 1 : 0),
    errors: [...job.faults],
    id: job.id,
    target_id: job.targetId,
    file_name: job.fileName ?? null,
    started_by: job.username,
    started_at: instantOf(job.startedAt),
    ended_at: instantOrNull(job.endedAt),
    state: job.state,
    failure: job.failure ?? null,
    from: instantOrNull(job.from),
    to: instantOrNull(job.to),
    stored_as_rollups: job.rolledUp,
    refused: refusedCount,
    refused_reasons: {
      invalid: job.refused.invalid,
      other_target: job.refused['other-target'],
      too_old: job.refused['too-old'],
      raw_deleted: job.refused['raw-deleted'],
    },
    undoable_until: isUndoable ? instantOrNull(undoableUntil(job)) : null,
    undone_at: instantOrNull(job.undoneAt),
    undone_by: job.undoneBy ?? null,
    removed: job.removed,
    not_removed: job.kept,
  };
}

/** For the audit log. */
export function importDetail(job: Import): Readonly<Record<string, unknown>> {
  const { id, fileName, stored, duplicates, state } = job;
  return { import_id: id, file_name: fileName ?? null, stored, duplicates, refused: refusedOf(job), state };
}

function refusedOf({ refused }: Import): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}
