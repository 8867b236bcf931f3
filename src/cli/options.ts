import type { Readable, Writable } from 'node:stream';
import type { CheckedDatabase, DatabaseContents, Restored } from './output/database-contents.ts';
import type { Environment } from './session.ts';

/** The progress of a migration. */
export interface MigrateStep {
  readonly stage: 'reading' | 'copying' | 'rolling up' | 'checking';
  readonly done: number;
  readonly total: number;
}

export interface MigrateStoreOptions {
  readonly isCheckOnly: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (step: MigrateStep) => void;
  readonly onNotice: (message: string) => void;
}

/** What was found equal in both databases. */
export interface MigrateOutcome {
  readonly targets: number;
  readonly users: number;
  readonly events: number;
  readonly traces: number;
  readonly auditEntries: number;
  readonly results: number;
  readonly countedResults: number;
  readonly minuteRollups: number;
  readonly hourRollups: number;
  readonly copied: number;
  readonly differences: readonly string[];
}

export interface LocalSetting {
  readonly name: string;
  readonly value: string;
  readonly source: string;
  readonly meaning: string;
}

/** What the program passes to the command line. */
export interface CliOptions {
  /** Without node and script. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly version: string;
  /** Runs the server until the signal is aborted. */
  readonly serve: (signal: AbortSignal) => Promise<void>;
  /** The settings that a server started here would have; throws a Problem that lists every fault. */
  readonly readSettings: () => { readonly settings: readonly LocalSetting[]; readonly warnings: readonly string[] };
  /** What a backup contains; throws a Problem that says why it cannot be used. */
  readonly inspectBackup: (file: string) => Promise<DatabaseContents>;
  /** All damage in a database file, or in the database of a server that would be started here. */
  readonly checkDatabase: (file: string | undefined) => Promise<CheckedDatabase>;
  /** Replaces the database of a server that would be started here by a backup. */
  readonly restoreBackup: (file: string) => Promise<Restored>;
  /** Copies a database into another and compares them. */
  readonly migrateStore: (from: string, to: string, options: MigrateStoreOptions) => Promise<MigrateOutcome>;
  readonly signal: AbortSignal;
}
