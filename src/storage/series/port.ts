import type { NewEvent } from '../../core/event/event.ts';
import type { FleetRow, WindowQuery, WindowSummary } from '../../core/history/window.ts';
import type { EpochMillis, SeriesKey, TargetId, VantageId } from '../../core/ids.ts';
import type { ResultBatch, ResultRow } from '../../core/result/probe-result.ts';
import type { Imports } from '../records/imports.ts';
import type { StateRow } from '../records/outages.ts';

/**
 * The contents of one commit of the recorder. `source` and `sequence` make it idempotent: a commit whose sequence is not above
 * the last one of its source was stored already and is left out (a retry after a lost answer).
 */
export interface Commit {
  readonly source: string;
  readonly sequence: number;
  /** The vantage point of all its results. */
  readonly vantage: VantageId;
  readonly results: ResultBatch;
  readonly events: readonly NewEvent[];
  /** The states that follow from the results; absent if there are none. */
  readonly states?: readonly StateRow[];
}

export interface BackfillOptions {
  readonly vantage: VantageId;
  /** Bulk history with whole hours in each batch (seed): hours past the raw retention are kept as rollups only. */
  readonly isRawDroppedWhenAged: boolean;
}

export interface BackfillOutcome {
  readonly stored: number;
  /** Rows for an existing (target, time), or for an hour whose raw results retention has deleted. */
  readonly duplicates: number;
}

/** The window [from, to) of some targets, seen from one vantage point, with `sparkBuckets` equal buckets. */
export interface FleetQuery {
  readonly ids: readonly TargetId[];
  readonly vantage: VantageId;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly sparkBuckets: number;
}

/** Results and what is rolled up from them. */
export interface SeriesStorage {
  /**
   * All in one transaction; from one source, in order. One that is already stored changes nothing. Calls are answered in their
   * order, however many are in progress.
   */
  append(...commits: Commit[]): Promise<void>;
  /** Out-of-order, late or imported results; rollups follow in the same commit. */
  backfill(batch: ResultBatch, options: BackfillOptions): Promise<BackfillOutcome>;
  readonly imports: Imports;
  /** The newest `limit` results that were sent (without `not-sent`) before a time, oldest first. */
  readLatestResults(key: SeriesKey, limit: number, before?: EpochMillis): Promise<readonly ResultRow[]>;
  /** All results with from <= sentAt < to, oldest first, in batches of bounded size, read at the consumer's pace. */
  streamResults(key: SeriesKey, from: EpochMillis, to: EpochMillis): AsyncIterable<ResultBatch>;
  /** Statistics of a window and of its buckets. */
  readWindow(query: WindowQuery): Promise<WindowSummary>;
  /** One row for each requested target. */
  readFleet(query: FleetQuery): Promise<readonly FleetRow[]>;
}
