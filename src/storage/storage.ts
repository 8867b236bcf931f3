import { existsSync } from 'node:fs';
import { Problem } from '../core/problem.ts';
import { findDatabase } from './engines.ts';
import { isHalfMoved, type MigrateOptions, type MigrateOutcome, migrateStore } from './move/migrate-store.ts';
import type { CheckedFile, DatabaseContents, RestoreOutcome, Storage, StorageOptions } from './port.ts';

export { parseDatabaseUrl } from './engines.ts';
export type { MigrateProgress } from './move/migrate-store.ts';
export type * from './port.ts';
export { noRefusals, undoableUntil } from './records/imports.ts';

/**
 * Opens the database that `DATABASE_URL` names and brings its schema up to date. Throws a Problem: `invalid-setting` for a URL
 * that cannot be used, `storage-unavailable` with a sentence that says what to do when it cannot be opened.
 */
export async function openStorage(url: string, options: StorageOptions): Promise<Storage> {
  const { engine, address } = findDatabase(url);
  if (options.isExisting === true && address.file !== undefined && !existsSync(address.file)) {
    throw new Problem('storage-unavailable', `There is no database ${address.file}.`);
  }
  return await engine.open(address.text, options);
}

export interface MigrateStoreOptions extends Pick<MigrateOptions, 'isCheckOnly' | 'signal' | 'onProgress'> {
  readonly onNotice: (message: string) => void;
}

/**
 * Copies everything between two databases that no server writes to, and compares them. Throws a Problem when one of them cannot
 * be used; what was copied until then stays, and the same call continues from there.
 */
export async function migrateStoreBetween(
  fromUrl: string,
  toUrl: string,
  { onNotice, ...options }: MigrateStoreOptions,
): Promise<MigrateOutcome> {
  if (findDatabase(fromUrl).address.text === findDatabase(toUrl).address.text) {
    throw new Problem('invalid-input', 'Both addresses name the same database.');
  }
  const retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };
  const common = { retention, now: () => Date.now(), onNotice };
  await using from = await openStorage(fromUrl, { ...common, isExisting: true });
  await using to = await openStorage(toUrl, { ...common, isExisting: options.isCheckOnly });
  return await migrateStore(from, to, { ...options, now: common.now });
}

export type { CheckedFile, DatabaseContents, MigrateOutcome };

/** Throws a Problem for a database that `pmd migrate-store` has not filled completely: serving it would show holes. */
export async function refuseHalfMoved(storage: Storage): Promise<void> {
  if (!(await isHalfMoved(storage))) return;
  const advice = 'Run pmd migrate-store again to finish it, or set DATABASE_URL to another database.';
  throw new Problem('storage-unavailable', `The move into this database was interrupted. ${advice}`);
}

/** Reads a whole backup; a Problem says why it cannot be used. */
export async function inspectBackup(file: string): Promise<DatabaseContents> {
  return (await import('./sqlite/checks/inspect-file.ts')).inspectDatabaseFile(file);
}

/** Reads every row of a file, or of the database that `DATABASE_URL` names, in use or not, and reports all damage. */
export async function checkDatabase(file: string | undefined, url: string): Promise<CheckedFile> {
  if (file !== undefined) return (await import('./sqlite/checks/inspect-file.ts')).checkDatabaseFile(file);
  const { engine, address } = findDatabase(url);
  return await engine.check(address.text);
}

/** Replaces the database that `DATABASE_URL` names by a backup, with no server running. */
export function restoreBackup(file: string, url: string): Promise<RestoreOutcome> {
  const { engine, address } = findDatabase(url);
  return engine.restore(file, address.text);
}
