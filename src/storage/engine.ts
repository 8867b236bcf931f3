import type { CheckedFile, RestoreOutcome, Storage, StorageOptions } from './port.ts';

/** Where a database is, in the form that its engine uses. */
export interface DatabaseAddress {
  readonly text: string;
  /** The file of the database; `undefined` if it is on a server. */
  readonly file: string | undefined;
}

/** A kind of database. Its parts are loaded when first used, so that nobody waits for an engine that they do not use. */
export interface StorageEngine {
  /** How its addresses begin, for messages. */
  readonly prefixes: readonly string[];
  /**
   * Parses an address in `DATABASE_URL`: `undefined` for an address of another engine, otherwise the parsed address or what is
   * wrong with it, as a predicate ("must be like …"). The fault does not repeat the address, which may contain a password.
   */
  parse(url: string): DatabaseAddress | { readonly fault: string } | undefined;
  open(address: string, options: StorageOptions): Promise<Storage>;
  /** Reads every row. Throws a Problem if the engine has a tool of its own for that. */
  check(address: string): Promise<CheckedFile>;
  /** Replaces the database by a backup. Throws a Problem if the engine has a tool of its own for that. */
  restore(backupFile: string, address: string): Promise<RestoreOutcome>;
}
