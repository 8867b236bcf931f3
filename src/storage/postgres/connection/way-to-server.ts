import pg from 'pg';
import { Problem } from '../../../core/problem.ts';
import { optionsText, settingsOf, withoutOwnSettings } from './connection.ts';
import { explained } from './postgres-problems.ts';
import { describePostgresUrl } from './postgres-url.ts';

/** What is between this program and PostgreSQL, as far as it changes what a connection can be used for. */
export interface WayToServer {
  /** Whether settings given at the start of a connection take effect: poolers refuse or ignore them. */
  readonly takesSettings: boolean;
  /** Whether transactions of one connection run on different server connections, as in PgBouncer's transaction mode. */
  readonly isShared: boolean;
  /** Distinguishes servers and their databases. */
  readonly identity: string;
}

const connectMillis = 5000;
/** Two idle connections through a pooler soon use the same server connection; without a pooler they never do. */
const looks = 5;

export async function inspectWay(address: string): Promise<WayToServer> {
  await using stack = new AsyncDisposableStack();
  try {
    const [first, takesOptions] = await connectEitherWay(address, stack);
    const { rows } = await first.query<{ timeout: string; identity: string }>(
      `select (select setting from pg_settings where name = 'statement_timeout') as timeout,
         concat_ws(' ', current_database(), extract(epoch from pg_postmaster_start_time())) as identity`,
    );
    const [found] = rows;
    const takesSettings = takesOptions && found?.timeout === settingsOf(address).statement_timeout;
    const isShared = await sharesConnections(first, address, stack);
    return { takesSettings, isShared, identity: found?.identity ?? '' };
  } catch (error) {
    throw explained(error, describePostgresUrl(address));
  }
}

/**
 * Ensures that work bound to a connection (locks, migrations, statements outside of transactions) has one. Throws a Problem
 * `invalid-setting` if the direct address is needed and missing, or leads elsewhere.
 */
export async function checkDirectWay(way: WayToServer, address: string, direct: string | undefined): Promise<void> {
  const place = describePostgresUrl(address);
  if (direct === undefined) {
    if (!way.isShared) return;
    throw directFault(
      `${place} is reached through a connection pooler in transaction mode (such as PgBouncer), which cannot hold the writer lock: set DATABASE_DIRECT_URL to the address of PostgreSQL itself, or let DATABASE_URL name it.`,
    );
  }
  const directWay = await inspectWay(direct);
  if (directWay.isShared) {
    throw directFault(
      'DATABASE_DIRECT_URL leads to a connection pooler in transaction mode: set it to the address of PostgreSQL itself.',
    );
  }
  if (directWay.identity !== way.identity) {
    throw directFault(
      `DATABASE_DIRECT_URL (${describePostgresUrl(direct)}) leads to another database than DATABASE_URL (${place}): both must name the same one.`,
    );
  }
}

function directFault(message: string): Problem {
  return new Problem('invalid-setting', message, { faults: [{ field: 'DATABASE_DIRECT_URL', message }] });
}

async function connectEitherWay(
  address: string,
  stack: AsyncDisposableStack,
): Promise<readonly [client: pg.Client, takesOptions: boolean]> {
  try {
    return [await connect(address, stack, settingsOf(address)), true];
  } catch (error) {
    if (!(error instanceof Error) || !/unsupported startup parameter/i.test(error.message)) throw error;
    return [await connect(address, stack, {}), false];
  }
}

async function connect(
  address: string,
  stack: AsyncDisposableStack,
  settings: Readonly<Record<string, string>>,
): Promise<pg.Client> {
  const options = optionsText(settings);
  const client = new pg.Client({
    connectionString: withoutOwnSettings(address),
    connectionTimeoutMillis: connectMillis,
    query_timeout: connectMillis,
    application_name: 'pingmedaddy (start)',
    ...(options === '' ? {} : { options }),
  });
  client.on('error', () => {});
  stack.defer(() => client.end().catch(() => {}));
  await client.connect();
  return client;
}

async function sharesConnections(first: pg.Client, address: string, stack: AsyncDisposableStack): Promise<boolean> {
  // The address then says that all connections are sessions.
  if (new URL(address).searchParams.get('connections') === '1') return false;
  const second = await connect(address, stack, {});
  const own = await serverProcess(first);
  for (let look = 0; look < looks; look++) {
    const [mine, other] = [await serverProcess(first), await serverProcess(second)];
    if (mine !== own || mine === other) return true;
  }
  return false;
}

async function serverProcess(client: pg.Client): Promise<number | undefined> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
}
