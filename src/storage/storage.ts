import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { EventType, NewEvent, TargetEvent } from '../core/event/event.ts';
import type { EpochMillis, TargetId } from '../core/ids.ts';
import type { NewTrace, StoredTrace } from '../core/path/path.ts';
import type { ResultBatch, ResultRow } from '../core/result/probe-result.ts';
import type { NewTarget, Target, TargetChange } from '../core/target/target.ts';
import type { FleetRow, WindowQuery, WindowSummary } from '../core/history/window.ts';
import { Problem } from '../core/problem.ts';
import type { Accounts } from './account.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { isHalfMoved, type MigrateOptions, type MigrateOutcome, migrateStore } from './migrate-store.ts';
import { openPostgresStorage } from './postgres/postgres-storage.ts';
import {
  type CheckedFile,
  type DatabaseContents,
  checkDatabaseFile,
  inspectDatabaseFile,
} from './sqlite/inspect-file.ts';
import { restoreDatabase } from './sqlite/restore.ts';
import { openSqliteStorage } from './sqlite/sqlite-storage.ts';
import type { Imports } from './imports.ts';
import type { OutageFilter, StateRow, StoredOutage } from './outages.ts';
import type { Transfer } from './transfer.ts';

export type { Import, ImportFault, ImportFilter, ImportProgress, Imports, RefusalReason } from './imports.ts';
export { noRefusals, undoableUntil } from './imports.ts';
export type { OutageFilter, StateRow, StoredOutage } from './outages.ts';
export { isReadablePasswordHash } from './account.ts';
export type { Accounts, ApiToken, NewApiToken, NewAuditEntry, User } from './account.ts';

/** 0 keeps for ever. */
export interface Retention {
  readonly rawDays: number;
  readonly minuteDays: number;
  readonly hourDays: number;
  /** Of events; absent as 0. Outages and traces are kept as hours are. */
  readonly eventDays?: number;
}

/**
 * What one commit of the recorder holds. `source` and `sequence` make it idempotent: a commit whose sequence is not
 * above the last one committed for its source was stored already and is left out (a retry after a lost answer).
 */
export interface Commit {
  readonly source: string;
  readonly sequence: number;
  readonly results: ResultBatch;
  readonly events: readonly NewEvent[];
  /** The states that the results brought about; absent where there are none. */
  readonly states?: readonly StateRow[];
}

export interface TargetEdit {
  readonly id: TargetId;
  readonly change: TargetChange;
  readonly events: readonly NewEvent[];
}

export interface BackfillOptions {
  /** Bulk history with whole hours in each batch (seed): hours past the raw retention are kept as rollups only. */
  readonly isRawDroppedWhenAged: boolean;
}

export interface BackfillOutcome {
  readonly stored: number;
  /** Rows for a (target, time) that is stored already, or for an hour whose raw results retention has taken. */
  readonly duplicates: number;
}

export type EngineName = 'sqlite' | 'postgresql' | 'timescaledb';

export interface StorageHealth {
  readonly engine: EngineName;
  readonly isWritable: boolean;
  readonly message: string;
  /** On disk, with everything that belongs to it. */
  readonly sizeBytes: number;
  readonly schemaVersion: number;
  /** Results not yet sealed or rolled up into their final form. */
  readonly unsealedResults: number;
  /** The end of the last minute whose results are in rollups; `undefined` where rollups come with the results. */
  readonly rolledUpUntil: EpochMillis | undefined;
  readonly restarts: number;
  /** What readers and the background check have found damaged, up to 100, for as long as it is; none on PostgreSQL. */
  readonly damages: readonly StoredDamage[];
}

/** A row whose bytes are not what was written. */
export interface StoredDamage {
  readonly table: string;
  readonly row: number;
  readonly targetId: number | undefined;
  /** The time that the row is about: of a block, where it begins. */
  readonly at: EpochMillis | undefined;
  /** A sentence without its full stop that names the place. */
  readonly message: string;
}

export interface MaintenanceOutcome {
  readonly sealedBlocks: number;
  readonly deletedBlocks: number;
  /** True when there is more to do at once: maintenance works in slices so that commits do not wait. */
  readonly hasMore: boolean;
}

/** Checked in full before it is handed out; `content` must be read to its end or destroyed. */
export interface DatabaseBackup extends DatabaseContents {
  readonly content: Readable;
}

export interface RestoreOutcome extends DatabaseContents {
  readonly path: string;
  /** Where the database is now that was there before; `undefined` when there was none. */
  readonly keptAs: string | undefined;
}

/** Which events of a target are wanted. */
export interface EventFilter {
  readonly types?: readonly EventType[];
  /** Only events with a lower id. */
  readonly beforeId?: number;
}

/** History and configuration at rest. Every promise that resolves after a write means it is durable. Dispose to close. */
export interface Storage extends AsyncDisposable, Accounts {
  // targets: each change and its events are one commit
  listTargets(): Promise<readonly Target[]>;
  /** The latest deleted first. */
  listDeletedTargets(): Promise<readonly Target[]>;
  /** Deleted ones too; `undefined` for an id that was never given or has been purged. */
  findTarget(id: TargetId): Promise<Target | undefined>;
  /**
   * Adds targets; one whose key (`targetKey`) belongs to a deleted target brings that one back (same id, history, new settings).
   * A Problem `target-exists` when a key is in use; then nothing is added. `eventFor` texts become `start` events.
   */
  addTargets(targets: readonly NewTarget[], createdAt: EpochMillis, eventMessage: string): Promise<readonly Target[]>;
  /**
   * `undefined` when there is no such target, or it is deleted and the change does not say `deletedAt`. A Problem
   * `target-exists` when it would become what another one is.
   */
  changeTarget(id: TargetId, change: TargetChange, events: readonly NewEvent[]): Promise<Target | undefined>;
  /** Many changes as one commit; those of targets as `changeTarget` leaves them out are left out. */
  changeTargets(edits: readonly TargetEdit[]): Promise<readonly Target[]>;
  deleteTarget(id: TargetId, deletedAt: EpochMillis, events: readonly NewEvent[]): Promise<boolean>;
  /** Erases a target with its results, rollups and events, for good. */
  purgeTarget(id: TargetId): Promise<boolean>;

  // results
  /**
   * All in one transaction; of one source, in their order. One that is stored already changes nothing. Calls are
   * answered in their order, however many are under way.
   */
  append(...commits: Commit[]): Promise<void>;
  /** Out of order, late or imported results; rollups follow in the same commit. */
  backfill(batch: ResultBatch, options: BackfillOptions): Promise<BackfillOutcome>;
  readonly imports: Imports;
  /** The newest `limit` results that were sent (`not-sent` left out) before a time, oldest first. */
  readLatestResults(id: TargetId, limit: number, before?: EpochMillis): Promise<readonly ResultRow[]>;
  /** All results with from <= sentAt < to, oldest first, in batches of bounded size, read as the consumer goes. */
  streamResults(id: TargetId, from: EpochMillis, to: EpochMillis): AsyncIterable<ResultBatch>;
  /** Statistics of a window and of its buckets. */
  readWindow(query: WindowQuery): Promise<WindowSummary>;
  /** One row for each target asked for, over [from, to), with `sparkBuckets` equal buckets. */
  readFleet(
    ids: readonly TargetId[],
    from: EpochMillis,
    to: EpochMillis,
    sparkBuckets: number,
  ): Promise<readonly FleetRow[]>;

  // events
  addEvents(events: readonly NewEvent[]): Promise<void>;
  /** Newest first. */
  listEvents(id: TargetId, limit: number, filter?: EventFilter): Promise<readonly TargetEvent[]>;

  // outages and states: events and commits write them
  listOutages(id: TargetId, filter: OutageFilter): Promise<readonly StoredOutage[]>;
  /** Of history that came in another way, such as an import; one that begins at the same time stays as it is. */
  addOutages(outages: readonly StoredOutage[]): Promise<void>;
  /** The last state of each target that has one. */
  listStates(): Promise<readonly StateRow[]>;

  // traces
  /** One commit together with its events; `undefined` when the target was purged meanwhile. */
  addTrace(trace: NewTrace, events: readonly NewEvent[]): Promise<StoredTrace | undefined>;
  /** Newest first; `beforeId`: only traces with a lower id. */
  listTraces(id: TargetId, limit: number, beforeId?: number): Promise<readonly StoredTrace[]>;
  /** The latest trace of each target where that has more hops than `plainPathHops`. */
  listLongTraces(): Promise<readonly StoredTrace[]>;
  findTrace(id: TargetId, traceId: number): Promise<StoredTrace | undefined>;

  /** Seals, rolls up and deletes by age, one slice at a time. Nothing is deleted before it is rolled up. */
  maintain(now: EpochMillis, retention: Retention): Promise<MaintenanceOutcome>;
  health(): Promise<StorageHealth>;
  /** For moving to another database. */
  readonly transfer: Transfer;
  /** A consistent copy while everything goes on. Absent where the database has tools of its own for that. */
  readonly backup?: () => Promise<DatabaseBackup>;
}

export interface StorageOptions {
  readonly retention: Retention;
  readonly now: () => EpochMillis;
  /** Called with a sentence when something is wrong that the operator should know. */
  readonly onNotice: (message: string) => void;
  /** Which tables a new PostgreSQL database gets; `auto` (as without it) takes TimescaleDB where the server has it. */
  readonly flavour?: 'auto' | 'plain' | 'timescale';
  /** Address of PostgreSQL itself where the other one leads to a connection pooler. */
  readonly directUrl?: string | undefined;
  /** Called once with a sentence when another process writes to the database: this storage refuses all writes from then on. */
  readonly onSuperseded?: (message: string) => void;
  /** How long after it was sent a result may come without being late: a minute is rolled up so long after its end. */
  readonly settleMillis?: number;
  /** Refuse a database that is not there instead of making one. */
  readonly isExisting?: boolean;
}

/**
 * Opens the database that `DATABASE_URL` names and brings its schema up to date. A Problem `invalid-setting` for a URL
 * that cannot be used, `storage-unavailable` with a sentence that says what to do when it cannot be opened.
 */
export function openStorage(url: string, options: StorageOptions): Promise<Storage> {
  return Promise.try(() => {
    const database = parseDatabaseUrl(url);
    if (options.isExisting === true && database.engine === 'sqlite' && !existsSync(database.path)) {
      throw new Problem('storage-unavailable', `There is no database ${database.path}.`);
    }
    return database.engine === 'sqlite'
      ? openSqliteStorage(database.path, options)
      : openPostgresStorage(database.address, options);
  });
}

export interface MigrateStoreOptions extends Pick<MigrateOptions, 'isCheckOnly' | 'signal' | 'onProgress'> {
  readonly onNotice: (message: string) => void;
}

/**
 * Copies everything between two databases that no server writes to, and compares them. A Problem when one of them
 * cannot be used; what was copied until then stays, and the same call goes on from there.
 */
export async function migrateStoreBetween(
  fromUrl: string,
  toUrl: string,
  { onNotice, ...options }: MigrateStoreOptions,
): Promise<MigrateOutcome> {
  if (isDeepStrictEqual(parseDatabaseUrl(fromUrl), parseDatabaseUrl(toUrl))) {
    throw new Problem('invalid-input', 'Both addresses name the same database.');
  }
  const retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };
  const common = { retention, now: () => Date.now(), onNotice };
  await using from = await openStorage(fromUrl, { ...common, isExisting: true });
  await using to = await openStorage(toUrl, { ...common, isExisting: options.isCheckOnly });
  return await migrateStore(from, to, { ...options, now: common.now });
}

export type { CheckedFile, DatabaseContents, MigrateOutcome };
export type { MigrateProgress } from './migrate-store.ts';

/** A Problem for a database that `pmd migrate-store` has not filled to the end: it would be served with holes. */
export async function refuseHalfMoved(storage: Storage): Promise<void> {
  if (!(await isHalfMoved(storage))) return;
  const advice = 'Run pmd migrate-store again to finish it, or set DATABASE_URL to another database.';
  throw new Problem('storage-unavailable', `The move into this database was interrupted. ${advice}`);
}

/** Reads a whole backup; a Problem says why it cannot be used. */
export const inspectBackup: (file: string) => DatabaseContents = inspectDatabaseFile;

/** Reads every row of a file, or of the database that `DATABASE_URL` names, in use or not, and tells all damage. */
export function checkDatabase(file: string | undefined, url: string): CheckedFile {
  if (file !== undefined) return checkDatabaseFile(file);
  const database = parseDatabaseUrl(url);
  if (database.engine === 'sqlite') return checkDatabaseFile(database.path);
  throw new Problem('invalid-setting', 'DATABASE_URL names a PostgreSQL server: check it with pg_amcheck.');
}

/** Puts a backup in the place of the database that `DATABASE_URL` names, with no server running. */
export function restoreBackup(file: string, url: string): RestoreOutcome {
  const database = parseDatabaseUrl(url);
  if (database.engine === 'sqlite') return restoreDatabase(file, database.path);
  throw new Problem('invalid-setting', 'DATABASE_URL names a PostgreSQL server: restore it with pg_restore.');
}
