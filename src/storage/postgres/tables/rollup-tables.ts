import type { EpochMillis, TargetId } from '../../../core/ids.ts';
import type { ResultBatch } from '../../../core/result/probe-result.ts';
import type { Resolution } from '../../../core/history/window.ts';
import type { Retention } from '../../port.ts';
import type { Queries } from '../connection/connection.ts';
import type { RollupStep } from '../rollups/rollups.ts';

export type Cutoffs = Readonly<Record<Resolution, EpochMillis>>;

/** What plain PostgreSQL and TimescaleDB do differently: partitions, roll-ups, retention. */
export interface RollupTables {
  /** Before results are stored: partitions for their times. */
  makeRoomFor(batch: ResultBatch): Promise<void>;
  /** Before these times data have expired and whole partitions can be dropped; 0 if data are kept for ever. */
  cutoffs(now: EpochMillis, retention: Retention): Cutoffs;
  /** Whether some targets can be rolled up without the others. */
  readonly splitsByTarget: boolean;
  /** The first time at or after `from` at which there may be anything to roll up; `undefined` if there is nothing. */
  nextDataAt(step: RollupStep, from: EpochMillis): Promise<EpochMillis | undefined>;
  /** Computes the rollups of a stretch of whole steps from its results, for all targets or for some. */
  rollUp(step: RollupStep, from: EpochMillis, to: EpochMillis, only?: readonly TargetId[]): Promise<void>;
  /** Drops whole partitions before a time, at most a few at once; returns how many. */
  dropBefore(resolution: Resolution, cutoff: EpochMillis): Promise<number>;
  /** Within a transaction: erases results and rollups of a target. */
  erase(queries: Queries, id: TargetId): Promise<void>;
  /** What the server's own jobs fail at, as a sentence. */
  failure(): Promise<string | undefined>;
  /** Sets up the server's own jobs, once at start. */
  scheduleJobs(): Promise<void>;
}
