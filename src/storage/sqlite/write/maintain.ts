import type { EpochMillis } from '../../../core/ids.ts';
import { dayMillis, floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import type { MaintenanceOutcome, Retention } from '../../port.ts';
import type { AgedResults } from '../blocks/aged-results.ts';
import type { Database } from '../file/database.ts';
import type { History } from '../blocks/history.ts';
import { hasRawPieces, joinOldestRawSpan } from '../blocks/raw-blocks.ts';
import { deleteAged } from './retention.ts';
import { hourTable, joinSpan, minuteTable, nextPiece } from '../blocks/rollup-blocks.ts';
import { dropSealedBatches, sealGraceMillis, sealSome } from '../blocks/sealing.ts';
import type { Scrub } from '../checks/scrub.ts';
import type { Tail } from '../blocks/tail.ts';

interface Dependencies {
  readonly database: Database;
  readonly tail: Tail;
  readonly history: History;
  readonly aged: AgedResults;
  readonly scrub: Scrub;
}

// A commit waits for at most one slice: this, the series in progress, and the slice's own write to the disk.
const sliceMillis = 2;
// A day's pieces are joined when the last hour, which the fleet requests every few seconds, no longer includes any of it.
const joinGraceMillis = 2 * hourMillis;

/**
 * One slice: seals complete hours; when all are, drops their batches, joins the pieces of what is over and deletes by age. This
 * order ensures that nothing is deleted before it is rolled up.
 */
export function maintain(dependencies: Dependencies, now: EpochMillis, retention: Retention): MaintenanceOutcome {
  const { database, tail, scrub } = dependencies;
  const startedAt = performance.now();
  const isTimeUp = (): boolean => performance.now() - startedAt >= sliceMillis;
  const { sealed, hasMore } = sealSome(dependencies, now, isTimeUp);
  if (sealed > 0) return { sealedBlocks: sealed, deletedBlocks: 0, hasMore: true };
  if (
    hasMore ||
    dropSealedBatches(database, tail) ||
    joinPieces(database, now, isTimeUp) ||
    joinRaw(database, now, isTimeUp)
  ) {
    return { sealedBlocks: 0, deletedBlocks: 0, hasMore: true };
  }
  const { deleted, hasMore: hasMoreAged } = deleteAged(database, now, retention);
  if (!hasMoreAged && deleted === 0) scrub.some(isTimeUp);
  return { sealedBlocks: 0, deletedBlocks: deleted, hasMore: hasMoreAged };
}

/** Joins the pieces of days that are over; returns whether there may be more. */
function joinPieces(database: Database, now: EpochMillis, isTimeUp: () => boolean): boolean {
  const before = floorTo(now - joinGraceMillis, dayMillis);
  const tables = [minuteTable, hourTable].filter((table) => nextPiece(database, table, before) !== undefined);
  if (tables.length === 0) return false;
  return database.transaction(() => {
    for (const table of tables) {
      for (let piece = nextPiece(database, table, before); piece !== undefined;) {
        joinSpan(database, table, piece.key, piece.from);
        if (isTimeUp()) return true;
        piece = nextPiece(database, table, before);
      }
    }
    return false;
  });
}

/** The same for raw results. */
function joinRaw(database: Database, now: EpochMillis, isTimeUp: () => boolean): boolean {
  const before = now - sealGraceMillis;
  if (!hasRawPieces(database, before)) return false;
  return database.transaction(() => {
    while (joinOldestRawSpan(database, before)) if (isTimeUp()) return true;
    return false;
  });
}
