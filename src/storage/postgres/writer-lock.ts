import pg from 'pg';
import { Problem } from '../../core/problem.ts';
import { withoutOwnSettings } from './connection.ts';
import { explained } from './postgres-problems.ts';

// Any number will do, as long as all servers take the same one.
const writerLock = 746_400_002;
const retryMillis = 500;
/** A server that was killed holds its lock until PostgreSQL has noticed. */
const patienceMillis = 10_000;
const connectMillis = 5000;

/**
 * Held for as long as we are open: two servers that probe into one database would each know only half of what is late
 * or rolled up. When its connection ends with the server's, it is taken again as soon as there is one.
 */
export async function holdWriterLock(
  address: string,
  place: string,
  onNotice: (message: string) => void,
): Promise<AsyncDisposable> {
  let client = await take(address, place);
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;

  const watch = (held: pg.Client): void => {
    held.on('error', () => {});
    held.on('end', () => {
      if (!isClosed) takeAgain();
    });
  };
  const takeAgain = (): void => {
    retry = setTimeout(() => void takeOnce(), retryMillis * 4);
  };
  const takeOnce = async (): Promise<void> => {
    try {
      client = await take(address, place);
      if (isClosed) await client.end();
      else watch(client);
    } catch (error) {
      if (error instanceof Problem && error.cause === undefined) onNotice(error.message);
      if (!isClosed) takeAgain();
    }
  };
  watch(client);
  return {
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
      clearTimeout(retry);
      // After a lost connection there is nothing left to end.
      await client.end().catch(() => {});
    },
  };
}

async function take(address: string, place: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: withoutOwnSettings(address),
    connectionTimeoutMillis: connectMillis,
    keepAlive: true,
    application_name: 'pingmedaddy (writer)',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const giveUpAt = Date.now() + patienceMillis;
    for (;;) {
      const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [writerLock]);
      if (rows[0]?.taken === true) return client;
      if (Date.now() >= giveUpAt) break;
      await new Promise((resolve) => setTimeout(resolve, retryMillis));
    }
  } catch (error) {
    await client.end().catch(() => {});
    throw explained(error, place);
  }
  await client.end();
  const advice = 'Stop the other one, or give this one a database of its own with DATABASE_URL.';
  throw new Problem('storage-unavailable', `Another PingMeDaddy writes to ${place}. ${advice}`);
}
