import type { EpochMillis, SeriesKey, TargetId } from '../../core/ids.ts';
import type { Outage } from '../../core/outage/outage.ts';
import type { ResultBatch } from '../../core/result/probe-result.ts';
import { Problem } from '../../core/problem.ts';
import { concatSeries, copyRow, createSeries, type Series, sliceSeries, sortSeries } from '../../core/result/series.ts';
import { dayMillis } from '../../core/history/time-buckets.ts';

export type ImportState = 'running' | 'done' | 'failed' | 'undoing' | 'undone';

/**
 * Why a row is not stored. `invalid`: not a valid result; `other-target`: it names another target; `too-old`: nothing is kept
 * from its time; `raw-deleted`: the raw results of its hour have been deleted by age, so it may be among them already.
 */
export const refusalReasons = ['invalid', 'other-target', 'too-old', 'raw-deleted'] as const;
export type RefusalReason = (typeof refusalReasons)[number];
export type Refusals = Readonly<Record<RefusalReason, number>>;

export const noRefusals: Refusals = { invalid: 0, 'other-target': 0, 'too-old': 0, 'raw-deleted': 0 };

/** `row`: the line of the file, from 1. */
export interface ImportFault {
  readonly row: number;
  readonly message: string;
}

/** What has arrived so far, in total. */
export interface ImportProgress {
  readonly rowCount: number;
  readonly refused: Refusals;
  readonly faults: readonly ImportFault[];
  /** The first and the last time of the rows that could be read. */
  readonly from: EpochMillis | undefined;
  readonly to: EpochMillis | undefined;
}

export interface NewImport {
  readonly targetId: TargetId;
  readonly fileName: string | undefined;
  readonly username: string;
  readonly startedAt: EpochMillis;
}

/** An import of history, from its first row to its undo. */
export interface Import extends NewImport, ImportProgress {
  readonly id: number;
  readonly state: ImportState;
  readonly endedAt: EpochMillis | undefined;
  /** Why it failed, as a sentence. */
  readonly failure: string | undefined;
  readonly stored: number;
  /** Of the stored ones: kept in rollups only, because raw results this old are not kept. */
  readonly rolledUp: number;
  readonly duplicates: number;
  readonly undoneAt: EpochMillis | undefined;
  readonly undoneBy: string | undefined;
  readonly removed: number;
  /** Stored rows that the undo could not remove: retention had deleted the raw results of their hours. */
  readonly kept: number;
}

export type ImportChange = Partial<
  Pick<Import, 'state' | 'endedAt' | 'failure' | 'undoneAt' | 'undoneBy' | keyof ImportProgress>
>;

export interface ImportFilter {
  readonly limit: number;
  readonly targetId?: TargetId | undefined;
  /** Only those with a lower id. */
  readonly beforeId?: number | undefined;
}

/** What happened to the rows of one batch. */
export interface ImportOutcome {
  readonly stored: number;
  readonly rolledUp: number;
  readonly duplicates: number;
  /** The times of the rows that were refused. */
  readonly tooOld: readonly EpochMillis[];
  readonly rawDeleted: readonly EpochMillis[];
}

/** An import after a batch of it is stored. */
export function withOutcome(before: Import, progress: ImportProgress, outcome: ImportOutcome): Import {
  return {
    ...before,
    ...progress,
    refused: {
      ...progress.refused,
      'too-old': progress.refused['too-old'] + outcome.tooOld.length,
      'raw-deleted': progress.refused['raw-deleted'] + outcome.rawDeleted.length,
    },
    stored: before.stored + outcome.stored,
    rolledUp: before.rolledUp + outcome.rolledUp,
    duplicates: before.duplicates + outcome.duplicates,
  };
}

/** Throws a Problem `conflict` for one that has ended: nothing more of it is stored. */
export function checkRunning(found: Import | undefined, id: number): Import {
  if (found?.state === 'running') return found;
  throw new Problem('conflict', `The import ${id} is not running any more.`);
}

/** The outcome of a batch of `length` rows, some of which existed already. */
export function outcomeOf(
  length: number,
  hours: readonly StoredHour[],
  { tooOld, rawDeleted }: Pick<ImportOutcome, 'tooOld' | 'rawDeleted'>,
): ImportOutcome {
  const count = (each: readonly StoredHour[]): number => each.reduce((sum, { rows }) => sum + rows.length, 0);
  const stored = count(hours);
  const duplicates = length - stored - tooOld.length - rawDeleted.length;
  return { stored, rolledUp: count(hours.filter(({ isRaw }) => !isRaw)), duplicates, tooOld, rawDeleted };
}

/** History that comes from files. Each import is a job that can be undone as a whole. */
export interface Imports {
  /** Begins one. */
  add(added: NewImport): Promise<Import>;
  /**
   * Stores a batch of one, with what it is undone by and its counters, in one transaction. Existing rows are duplicates. Throws a
   * Problem `conflict` for one that is not running, `target-not-found` for a purged target.
   */
  store(id: number, targetId: TargetId, batch: ResultBatch, progress: ImportProgress): Promise<ImportOutcome>;
  /** `undefined` if there is no such import, or its target has been purged. */
  change(id: number, change: ImportChange): Promise<Import | undefined>;
  find(id: number): Promise<Import | undefined>;
  /** Newest first. */
  list(filter: ImportFilter): Promise<readonly Import[]>;
  /** Running ones and those that are being undone, by this process or one that has ended. */
  listOpen(): Promise<readonly Import[]>;
  /** Removes some of what an import has stored, in one transaction; returns whether there is more. */
  undoSome(id: number): Promise<boolean>;
  /** What all imports of a target have stored with from <= sentAt < to and what is still kept of it, oldest first. */
  stream(id: TargetId, from: EpochMillis, to: EpochMillis): AsyncIterable<Series>;
  /**
   * Replaces the outages found in imported history that begin in a stretch. Outages observed live stay, and those that overlap
   * them are left out.
   */
  replaceOutages(
    key: SeriesKey,
    stretch: { readonly from: EpochMillis; readonly to: EpochMillis },
    outages: readonly Outage[],
  ): Promise<void>;
}

/** A kept hour as it is in the database: `payload` is a block of the series codec. */
export interface PackedHour {
  readonly importId: number;
  readonly targetId: TargetId;
  readonly hourAt: EpochMillis;
  readonly isRaw: boolean;
  readonly resultCount: number;
  readonly payload: Uint8Array;
}

/** A position in the order of all kept hours: by import, time and kind. */
export type PackedHourPlace = Pick<PackedHour, 'importId' | 'hourAt' | 'isRaw'>;

/** For this long after its end an import can be undone; then its own copy of what it stored is deleted. */
export const undoableDays = 30;

export function undoableUntil({ endedAt }: Pick<Import, 'endedAt'>): EpochMillis | undefined {
  return endedAt === undefined ? undefined : endedAt + undoableDays * dayMillis;
}

/** What an import has stored of one hour. */
export interface StoredHour {
  readonly hourAt: EpochMillis;
  readonly rows: Series;
  /** Stored as raw results; otherwise in rollups only. */
  readonly isRaw: boolean;
}

/** In time order, one row per time. */
export function joinedRows(parts: readonly Series[]): Series {
  return sortSeries(concatSeries(parts));
}

/** The rows of one series whose times are not among those of another. */
export function withoutTimesOf(rows: Series, others: Series): Series {
  const times = new Set(others.sentAtMillis.subarray(0, others.length));
  const left = createSeries(rows.length);
  let length = 0;
  for (let index = 0; index < rows.length; index++) {
    if (!times.has(rows.sentAtMillis[index] ?? 0)) copyRow(rows, index, left, length++);
  }
  return sliceSeries(left, 0, length);
}

export function timesOf(rows: Series): EpochMillis[] {
  return [...rows.sentAtMillis.subarray(0, rows.length)];
}
