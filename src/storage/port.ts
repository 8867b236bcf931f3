import type { Readable } from 'node:stream';
import type { DiskCosts } from '../core/history/disk-forecast.ts';
import type { EpochMillis } from '../core/ids.ts';
import type { Transfer } from './move/transfer.ts';
import type { RecordStorage } from './records/port.ts';
import type { SeriesStorage } from './series/port.ts';

export type { Accounts, ApiToken, NewApiToken, NewAuditEntry, User } from './records/account.ts';
export type { Import, ImportFault, ImportFilter, ImportProgress, Imports, RefusalReason } from './records/imports.ts';
export type { OutageFilter, StateRow, StoredOutage } from './records/outages.ts';
export type { EventFilter, RecordStorage, TargetEdit } from './records/port.ts';
export type { BackfillOptions, BackfillOutcome, Commit, FleetQuery, SeriesStorage } from './series/port.ts';

/** 0 keeps for ever. */
export interface Retention {
  readonly rawDays: number;
  readonly minuteDays: number;
  readonly hourDays: number;
  /** For events; absent as 0. Outages and traces are kept as long as hours. */
  readonly eventDays?: number;
}

export type EngineName = 'sqlite' | 'postgresql' | 'timescaledb';

export interface StorageHealth {
  readonly engine: EngineName;
  /** What rows of this engine take on disk. */
  readonly diskCosts: DiskCosts;
  readonly isWritable: boolean;
  readonly message: string;
  /** On disk, with everything that belongs to it. */
  readonly sizeBytes: number;
  readonly schemaVersion: number;
  /** Results not yet sealed or rolled up into their final form. */
  readonly unsealedResults: number;
  /** The end of the last minute whose results are in rollups; `undefined` if rollups are written with the results. */
  readonly rolledUpUntil: EpochMillis | undefined;
  readonly restarts: number;
  /** What readers and the background check have found damaged, up to 100, while it is; none on PostgreSQL. */
  readonly damages: readonly StoredDamage[];
}

/** A row whose bytes are not what was written. */
export interface StoredDamage {
  readonly table: string;
  readonly row: number;
  readonly targetId: number | undefined;
  /** The time that the row is about; for a block, where it begins. */
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

/** Checked in full before it is returned; `content` must be read to its end or destroyed. */
export interface DatabaseBackup extends DatabaseContents {
  readonly content: Readable;
}

export interface RestoreOutcome extends DatabaseContents {
  readonly path: string;
  /** Where the replaced database is now; `undefined` if there was none. */
  readonly keptAs: string | undefined;
}

/** What a database file contains, found intact by reading every page of it. */
export interface DatabaseContents {
  readonly schemaVersion: number;
  readonly targets: number;
  /** Raw results; the rollups of older ones come on top. */
  readonly results: number;
  readonly newestAt: EpochMillis | undefined;
  readonly sizeBytes: number;
}

export interface CheckedFile extends DatabaseContents {
  readonly path: string;
  readonly checkedRows: number;
  /** Sentences without their full stops that name the places, and the rows if they are known. */
  readonly damages: readonly (Pick<StoredDamage, 'message'> & Partial<StoredDamage>)[];
}

/** History and configuration in storage. Every promise that resolves after a write means it is durable. Dispose to close. */
export interface Storage extends SeriesStorage, RecordStorage, AsyncDisposable {
  /** Seals, rolls up and deletes by age, one slice at a time. Nothing is deleted before it is rolled up. */
  maintain(now: EpochMillis, retention: Retention): Promise<MaintenanceOutcome>;
  health(): Promise<StorageHealth>;
  /** For moving to another database. */
  readonly transfer: Transfer;
  /** A consistent copy while everything continues. Absent if the database has tools of its own for that. */
  readonly backup?: () => Promise<DatabaseBackup>;
}

export interface StorageOptions {
  readonly retention: Retention;
  readonly now: () => EpochMillis;
  /** Called with a sentence about trouble that the operator should know of. */
  readonly onNotice: (message: string) => void;
  /** Which tables a new PostgreSQL database gets; `auto` (the default) uses TimescaleDB if the server has it. */
  readonly flavour?: 'auto' | 'plain' | 'timescale';
  /** Address of PostgreSQL itself, if the other one leads to a connection pooler. */
  readonly directUrl?: string | undefined;
  /** Called once with a sentence when another process writes to the database: this storage refuses all writes from then on. */
  readonly onSuperseded?: (message: string) => void;
  /** How long after it was sent a result may come without being late: a minute is rolled up this long after its end. */
  readonly settleMillis?: number;
  /** Refuse a database that does not exist instead of creating one. */
  readonly isExisting?: boolean;
}
