import type { CheckedFile, RestoreOutcome, Storage, StorageOptions } from './port.ts';

/** Where a database is, in the form that its engine takes. */
export interface DatabaseAddress {
  readonly text: string;
  /** The file that the database is in; `undefined` for one on a server. */
  readonly file: string | undefined;
}

/** A kind of database. Its parts are loaded when they are first used, so that nobody waits for an engine they do not use. */
export interface StorageEngine {
  readonly name: string;
  /** How its addresses begin, for messages. */
  readonly prefixes: readonly string[];
  /**
   * Its part of the grammar of `DATABASE_URL`: `undefined` for an address of another engine, else the address or what is
   * wrong with it, as a predicate ("must be like …"). The fault does not repeat the address, which may hold a password.
   */
  parse(url: string): DatabaseAddress | { readonly fault: string } | undefined;
  open(address: string, options: StorageOptions): Promise<Storage>;
  /** Reads every row. A Problem where the engine has a tool of its own for that. */
  check(address: string): Promise<CheckedFile>;
  /** Puts a backup in the place of the database. A Problem where the engine has a tool of its own for that. */
  restore(backupFile: string, address: string): Promise<RestoreOutcome>;
}
