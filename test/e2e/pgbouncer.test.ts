import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { type PostgresServer, rowsOn, startPostgres } from '../database-servers.ts';
import { type Pooler, startPooler } from '../pooler.ts';
import { logIn, startServer, temporaryFolder, until } from './server.ts';

const stack = new AsyncDisposableStack();
let postgres: PostgresServer;
let folder: string;
/** In transaction mode. */
let pooler: Pooler;
beforeAll(async () => {
  postgres = stack.use(await startPostgres());
  ({ path: folder } = stack.use(await temporaryFolder()));
  pooler = stack.use(await startPooler(folder, postgres.address('postgres'), { pool_mode: 'transaction' }));
});
afterAll(() => stack.disposeAsync());

/** What a start that fails says. */
async function refusal(environment: Readonly<Record<string, string>>): Promise<string> {
  await using own = await temporaryFolder();
  try {
    await using _server = await startServer(own.path, environment);
    return 'It started.';
  } catch (error) {
    return String(error);
  }
}

test('behind PgBouncer in transaction mode the whole server works, and only one at a time', async () => {
  const direct = await postgres.newDatabase();
  const settings = {
    ...{ DATABASE_URL: pooler.address(direct), DATABASE_DIRECT_URL: direct },
    AUTH_SECRET: 'a secret of thirty-two bytes or more',
  };
  const storedOn = async (): Promise<number> =>
    Number((await rowsOn(direct, 'select count(*) as n from pmd.probe_results'))[0]?.['n']);
  await using one = await temporaryFolder();
  await using other = await temporaryFolder();
  let id: number;
  {
    await using server = await startServer(one.path, settings);
    const call = await logIn(server.url);
    ({ id } = (await call('POST', '/targets', { ip: '127.6.1.1', frequency: 0.2 })).json);
    await until('results', async () => (await storedOn()) > 10);
    // Reads of every kind, many at once: no answer may have another's settings or rows.
    const paths = ['insights?window_minutes=60', 'logs', 'events', 'outages'];
    const asked = await Promise.all(
      Array.from({ length: 30 }, (_, index) => call('GET', `/targets/${id}/${paths[index % paths.length] ?? ''}`)),
    );
    assert.deepEqual([...new Set(asked.map(({ status }) => status))], [200]);
    assert.equal((await call('GET', `/targets/${id}/logs/export`)).status, 200);
    assert.equal((await call('GET', '/fleet')).json.targets[0].state, 'up');
    assert.deepEqual((await call('GET', '/readyz')).json.status, 'ok');
    assert.match(await refusal(settings), /Another PingMeDaddy writes to test_\d+ at 127\.0\.0\.1:\d+/);

    // The pooler goes and comes back: what was measured meanwhile is stored.
    await pooler.stop();
    await until('the trouble to be known', async () => (await call('GET', '/livez')).status === 200);
    await until('results to wait', async () => {
      const { text } = await call('GET', '/readyz');
      return text.includes('"failing"') && /"pending_results":[1-9]/.test(text);
    });
    await pooler.start();
    const before = await storedOn();
    await until('results again', async () => (await storedOn()) > before + 10, 30_000);
    assert.equal((await call('GET', `/targets/${id}/events?limit=10`)).json.length, 1, 'no gap, no outage');
  }
  await using again = await startServer(other.path, settings);
  const call = await logIn(again.url);
  assert.equal((await call('GET', '/targets')).json[0].id, id);
  const before = await storedOn();
  await until('results of the second start', async () => (await storedOn()) > before);
  const [repeated] = await rowsOn(
    direct,
    'select 1 from pmd.probe_results group by target_id, sent_at having count(*) > 1',
  );
  assert.equal(repeated, undefined);
}, 120_000);

test('in transaction mode without a direct address the start is refused and names the setting', async () => {
  const direct = await postgres.newDatabase();
  const expected =
    /test_\d+ at 127\.0\.0\.1:\d+ is reached through a connection pooler in transaction mode \(such as PgBouncer\), which cannot hold the writer lock: set DATABASE_DIRECT_URL to the address of PostgreSQL itself, or let DATABASE_URL name it\./;
  assert.match(await refusal({ DATABASE_URL: pooler.address(direct) }), expected);
  // One that swallows what it does not support looks like PostgreSQL at first.
  const swallowing = { pool_mode: 'transaction', ignore_startup_parameters: 'options' };
  await using quiet = await startPooler(folder, direct, swallowing);
  assert.match(await refusal({ DATABASE_URL: quiet.address(direct) }), expected);
  const [made] = await rowsOn(direct, `select to_regclass('pmd.schema_migrations') as made`);
  assert.equal(made?.['made'], null, 'before anything is written');
});

test('a direct address that leads to a pooler or to another database is refused', async () => {
  const [direct, other] = [await postgres.newDatabase(), await postgres.newDatabase()];
  const url = pooler.address(direct);
  assert.match(
    await refusal({ DATABASE_URL: url, DATABASE_DIRECT_URL: url }),
    /DATABASE_DIRECT_URL leads to a connection pooler in transaction mode: set it to the address of PostgreSQL itself\./,
  );
  assert.match(
    await refusal({ DATABASE_URL: url, DATABASE_DIRECT_URL: other }),
    /DATABASE_DIRECT_URL \(test_\d+ at [\d.:]+\) leads to another database than DATABASE_URL \(test_\d+ at [\d.:]+\): both must name the same one\./,
  );
});

test('in session mode a pooler needs no direct address', async () => {
  const direct = await postgres.newDatabase();
  await using session = await startPooler(folder, direct, { pool_mode: 'session', default_pool_size: '20' });
  await using own = await temporaryFolder();
  await using server = await startServer(own.path, { DATABASE_URL: session.address(direct) });
  const call = await logIn(server.url);
  const { id } = (await call('POST', '/targets', { ip: '127.6.1.2', frequency: 0.2 })).json;
  await until('results', async () => (await call('GET', `/targets/${id}/logs`)).json.length > 3);
});
