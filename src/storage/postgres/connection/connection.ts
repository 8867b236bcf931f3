import pg from 'pg';
import { readCopied } from './copy-bytes.ts';
import { explained } from './postgres-problems.ts';
import { describePostgresUrl } from './postgres-url.ts';
import type { Connections, Queries } from './port.ts';

export type { Connections, Queries, Row, Value } from './port.ts';

const connectMillis = 5000;
/** The server itself ends what takes longer: a statement that only we gave up would continue and keep its locks. */
const usualStatementMillis = 14_000;
/** A frozen server must not hold up the recorder: its results are spooled, and tried again on a new connection. */
const answerMillis = 15_000;
const poolSize = 8;
// A new connection first has to read the catalogue of all chunks; a client that polls once a minute should not wait for that.
const idleMillis = 15 * 60_000;

export interface ConnectionOptions {
  readonly onNotice: (message: string) => void;
  /** Each transaction stands alone, as behind a pooler: nothing is set for a session. */
  readonly isPooled?: boolean;
  /** Past the pooler, for statements that cannot run in a transaction. */
  readonly direct?: Connections | undefined;
  /** Called first in each transaction that writes; throws if this process may not. */
  readonly guard?: (queries: Queries) => Promise<void>;
}

// JIT costs more than all of these short queries; plans hardly depend on their parameters.
const sessionSettings = { jit: 'off', timezone: 'UTC', idle_in_transaction_session_timeout: String(answerMillis) };

export function openConnections(address: string, options: ConnectionOptions): Connections {
  const { onNotice, isPooled = false, direct, guard } = options;
  const place = describePostgresUrl(address);
  const { searchParams } = new URL(address);
  const settings = settingsOf(address);
  const pool = new pg.Pool({
    connectionString: withoutOwnSettings(address),
    max: Number(searchParams.get('connections') ?? poolSize),
    connectionTimeoutMillis: connectMillis,
    idleTimeoutMillis: idleMillis,
    query_timeout: answerMillis,
    keepAlive: true,
    application_name: 'pingmedaddy',
    // A pooler accepts no startup parameters.
    ...(isPooled ? {} : { options: optionsText(settings) }),
  });
  // The pool replaces an idle connection that ends; users that need one report the failure themselves.
  pool.on('error', () => {});
  // A connection that ends while lent out fails its query; without a listener of its own it would end the process too.
  pool.on('connect', (client) => client.on('error', () => {}));

  const usesCopy = searchParams.get('copy') !== 'off';
  const explain = (error: unknown): never => {
    throw explained(error, place);
  };

  async function withClient<T>(work: (client: pg.PoolClient, queries: Queries) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    try {
      client = await pool.connect();
      const result = await work(client, queriesOn(client, usesCopy));
      client.release();
      return result;
    } catch (error) {
      // A connection whose statement failed may still be busy with it: it is closed, not given to others.
      client?.release(true);
      throw explained(error, place);
    }
  }

  function begin(timeoutMillis: number | undefined): string {
    const own = timeoutMillis === undefined ? {} : { statement_timeout: String(timeoutMillis) };
    const local = Object.entries(isPooled ? { ...settings, ...own } : own);
    return ['begin', ...local.map(([name, value]) => `set local ${name} = '${value}'`)].join('; ');
  }

  function inTransaction<T>(
    work: (client: pg.PoolClient, queries: Queries) => Promise<T>,
    timeoutMillis?: number,
  ): Promise<T> {
    return withClient(async (client) => {
      const queries = queriesOn(client, usesCopy, timeoutMillis);
      await client.query(begin(timeoutMillis));
      try {
        const result = await work(client, queries);
        await client.query('commit');
        return result;
      } catch (error) {
        // With the connection the server has ended the transaction as well.
        if (isFatal(error)) throw error;
        await client.query('rollback').catch((reason: unknown) => {
          onNotice(`A rollback failed: ${String(reason)}`);
        });
        throw error;
      }
    });
  }

  const transaction: Connections['transaction'] = (work, timeoutMillis) =>
    inTransaction(async (client, queries) => {
      await guard?.(queries);
      return work(client, queries);
    }, timeoutMillis);

  return {
    place,
    usesCopy,
    isPool: true,
    all: isPooled
      ? (sql, values) => inTransaction((_client, queries) => queries.all(sql, values))
      : (sql, values) => queriesOn(pool, usesCopy).all(sql, values).catch(explain),
    bytes: (sql, values) => (isPooled ? inTransaction : withClient)((_client, queries) => queries.bytes(sql, values)),
    withClient,
    transaction,
    snapshot: (work) =>
      inTransaction(async (client, queries) => {
        await client.query('set transaction isolation level repeatable read, read only');
        // The first statement that reads takes the snapshot.
        await client.query('select 1');
        return work(queries);
      }),
    write: (sql, values) => transaction((_client, queries) => queries.all(sql, values)),
    call: (sql, timeoutMillis) =>
      direct?.call(sql, timeoutMillis) ??
      withClient(async (client, queries) => {
        await guard?.(queries);
        await client.query(`set statement_timeout = ${timeoutMillis}`);
        await queriesOn(client, usesCopy, timeoutMillis).all(sql);
        await client.query(`set statement_timeout = ${settings.statement_timeout}`);
      }),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

const isFatal = (error: unknown): boolean => error instanceof pg.DatabaseError && error.severity === 'FATAL';

/** Settings for each connection, or for each transaction behind a pooler. */
export function settingsOf(address: string): typeof sessionSettings & { readonly statement_timeout: string } {
  const given = new URL(address).searchParams.get('statement_timeout');
  return { ...sessionSettings, statement_timeout: String(Number(given ?? usualStatementMillis)) };
}

/** Settings in the form that PostgreSQL accepts at the start of a connection. */
export function optionsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** The address without the parameters that are ours, not the server's. */
export function withoutOwnSettings(address: string): string {
  const url = new URL(address);
  for (const own of ['copy', 'connections', 'statement_timeout']) url.searchParams.delete(own);
  return url.href;
}

function queriesOn(connection: pg.Pool | pg.PoolClient, usesCopy: boolean, timeoutMillis?: number): Queries {
  // The server gives up first: then the connection is fine for the next statement.
  const timing = timeoutMillis === undefined ? {} : { query_timeout: timeoutMillis + 1000 };
  return {
    isPool: connection instanceof pg.Pool,
    all: async (sql, values) =>
      (await connection.query<Record<string, unknown>>({ text: sql, values: [...(values ?? [])], ...timing })).rows,
    bytes: async (sql, values) => {
      if (usesCopy && !(connection instanceof pg.Pool)) return readCopied(connection, sql, values);
      const { rows } = await connection.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' });
      const [value] = rows[0] ?? [];
      return value instanceof Uint8Array ? value : undefined;
    },
  };
}
