import type pg from 'pg';

export type Row = Readonly<Record<string, unknown>>;
export type Value = string | number | boolean | null | readonly (string | number | null)[];

/** One connection or the pool: plain SQL in, rows out. */
export interface Queries {
  /** Whether several queries at once run in parallel: not on a single connection. */
  readonly isPool: boolean;
  all(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** The one bytea that a query returns; `undefined` for null. */
  bytes(sql: string, values: readonly Value[]): Promise<Uint8Array | undefined>;
}

/** The pool of connections to one database. */
export interface Connections extends Queries, AsyncDisposable {
  /** Database and host, for messages. */
  readonly place: string;
  /** False if `?copy=off` says that the connection does not support COPY. */
  readonly usesCopy: boolean;
  /** One connection for several statements that are not a transaction. */
  withClient<T>(work: (client: pg.PoolClient, queries: Queries) => Promise<T>): Promise<T>;
  /** All or nothing; what it returns is durable. The server ends statements that take longer than `timeoutMillis`. */
  transaction<T>(work: (client: pg.PoolClient, queries: Queries) => Promise<T>, timeoutMillis?: number): Promise<T>;
  /** Reads what is committed now, however long it takes and whatever is written meanwhile. */
  snapshot<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** A transaction of one statement. */
  write(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** One statement that cannot run in a transaction, such as a CALL that commits by itself. */
  call(sql: string, timeoutMillis: number): Promise<void>;
}
