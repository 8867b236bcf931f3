import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Problem } from '../../../core/problem.ts';
import { type Queries, withoutOwnSettings } from './connection.ts';
import { explained } from './postgres-problems.ts';

// Any number will do, as long as all servers use the same one.
const writerLock = 746_400_002;
const retryMillis = 500;
/** A server that was killed holds its lock until PostgreSQL has noticed. */
const timeoutMillis = 10_000;
const connectMillis = 5000;
/** Less than the recorder waits for a commit. */
const guardMillis = 4000;

/** The right to write, which at most one process has. */
export interface WriterLock extends AsyncDisposable {
  /**
   * First in each transaction that writes: throws if this process does not hold the lock; otherwise nobody can take it until the
   * transaction ends.
   */
  guard(queries: Queries): Promise<void>;
  /** Why this process may not write; `undefined` while it may. */
  problem(): string | undefined;
}

export interface WriterLockOptions {
  readonly address: string;
  readonly place: string;
  readonly onNotice: (message: string) => void;
  /** Called once when another process has written meanwhile: what this one knows is out of date for good. */
  readonly onSuperseded: (message: string) => void;
}

type Standing =
  | { readonly kind: 'held' }
  /** Our connection has ended; results wait until there is another. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'superseded' };

/**
 * Held for as long as we are open: two servers that write to one database would each know only half of what is late, rolled up or
 * allowed. The lock belongs to a connection. When that ends the lock is taken again, and nothing is lost if nobody has held it in
 * between, as the epoch in the database shows; otherwise this process is superseded.
 */
export async function holdWriterLock(options: WriterLockOptions): Promise<WriterLock> {
  const { address, place, onNotice, onSuperseded } = options;
  let { client, epoch } = await take(address, place, timeoutMillis);
  let standing: Standing = { kind: 'held' };
  let decided = Promise.withResolvers<void>();
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;

  const sentenceOf: Readonly<Record<Standing['kind'], string | undefined>> = {
    held: undefined,
    lost: `The connection that holds the writer lock of ${place} has ended: results wait until the lock is held again.`,
    superseded: `Another PingMeDaddy has taken over ${place}: this one stores nothing until it holds the writer lock again.`,
  };
  const supersede = (): void => {
    if (standing.kind === 'superseded') return;
    standing = { kind: 'superseded' };
    decided.resolve();
    clearTimeout(retry);
    void client.end().catch(() => {});
    if (!isClosed) onSuperseded(sentenceOf.superseded ?? '');
  };
  const watch = (held: pg.Client): void => {
    held.on('error', () => {});
    held.on('end', () => {
      if (isClosed || held !== client || standing.kind === 'superseded') return;
      standing = { kind: 'lost' };
      decided = Promise.withResolvers();
      retry = setTimeout(() => void takeAgain(), retryMillis * 4);
    });
  };
  const takeAgain = async (): Promise<void> => {
    try {
      const taken = await take(address, place, 0);
      client = taken.client;
      if (isClosed) await client.end();
      // Nobody else has raised it: what we know is still true.
      else if (taken.epoch === epoch + 1) {
        epoch = taken.epoch;
        standing = { kind: 'held' };
        decided.resolve();
        watch(client);
      } else supersede();
    } catch (error) {
      if (error instanceof WriterElsewhere) {
        onNotice(error.message);
        supersede();
      } else if (!isClosed) retry = setTimeout(() => void takeAgain(), retryMillis);
    }
  };
  watch(client);
  return {
    async guard(queries) {
      // After a restart of the server the lock is back in a moment.
      if (standing.kind === 'lost')
        await Promise.race([decided.promise, delay(guardMillis, undefined, { ref: false })]);
      const refusal = sentenceOf[standing.kind];
      if (refusal !== undefined) throw new Problem('storage-unavailable', refusal, { retryAfterSeconds: 5 });
      const [row] = await queries.all('select 1 from pmd.writer where epoch = $1 for share', [epoch]);
      if (row !== undefined) return;
      supersede();
      throw new Problem('storage-unavailable', sentenceOf.superseded ?? '', { retryAfterSeconds: 5 });
    },
    problem: () => sentenceOf[standing.kind],
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
      clearTimeout(retry);
      // After a lost connection there is nothing left to end.
      await client.end().catch(() => {});
    },
  };
}

/** Another process has the lock. */
class WriterElsewhere extends Problem {}

/** Takes the lock and raises the epoch: no transaction of a former holder can write any more. */
async function take(
  address: string,
  place: string,
  timeoutMillis: number,
): Promise<{ readonly client: pg.Client; readonly epoch: number }> {
  const client = new pg.Client({
    connectionString: withoutOwnSettings(address),
    connectionTimeoutMillis: connectMillis,
    keepAlive: true,
    application_name: 'pingmedaddy (writer)',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const giveUpAt = Date.now() + timeoutMillis;
    for (;;) {
      const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [writerLock]);
      if (rows[0]?.taken === true) {
        // Waits for the transactions of a former holder, which the server ends within seconds if they stall.
        const raised = await client.query<{ epoch: string }>('update pmd.writer set epoch = epoch + 1 returning epoch');
        return { client, epoch: Number(raised.rows[0]?.epoch) };
      }
      if (Date.now() >= giveUpAt) break;
      await new Promise((resolve) => setTimeout(resolve, retryMillis));
    }
  } catch (error) {
    await client.end().catch(() => {});
    throw explained(error, place);
  }
  await client.end();
  const advice = 'Stop the other one, or give this one a database of its own with DATABASE_URL.';
  throw new WriterElsewhere('storage-unavailable', `Another PingMeDaddy writes to ${place}. ${advice}`);
}
