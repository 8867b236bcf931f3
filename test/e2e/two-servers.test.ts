import assert from 'node:assert/strict';
import { test } from 'vitest';
import { rowsOn, startPostgres } from '../database-servers.ts';
import { pmd } from './pmd.ts';
import { logIn, startServer, temporaryFolder, until } from './server.ts';

test('a server whose lock ends while another waits for it stops writing, loses nothing and continues when it may', async () => {
  await using database = await startPostgres();
  const url = await database.newDatabase();
  const [firstFolder, secondFolder] = [await temporaryFolder(), await temporaryFolder()];
  await using _folders = {
    [Symbol.asyncDispose]: async () => {
      for (const folder of [firstFolder, secondFolder]) await folder[Symbol.asyncDispose]();
    },
  };
  const secret = { AUTH_SECRET: 'a secret of thirty-two bytes or more', DATABASE_URL: url };
  await using first = await startServer(firstFolder.path, secret);
  const call = await logIn(first.url);
  const { json: target } = await call('POST', '/targets', { ip: '127.6.0.1', frequency: 0.2 });
  await call('POST', '/users', { username: 'eve', password: 'correct horse battery', role: 'operator' });
  const eve = await logIn(first.url, 'correct horse battery', 'eve');
  assert.equal((await eve('GET', '/targets')).status, 200);
  const countOf = async (): Promise<number> =>
    Number((await rowsOn(url, 'select count(*) as n from pmd.probe_results'))[0]?.['n']);
  await until('results', async () => (await countOf()) > 5);

  const lockOf = `select pid from pg_locks where locktype = 'advisory' and objid = 746400002`;
  const [holder] = await rowsOn(url, `${lockOf} and granted`);
  const starting = startServer(secondFolder.path, secret);
  await until('the second one', async () => {
    const waiting = await rowsOn(url, `select 1 from pg_stat_activity where application_name = 'pingmedaddy (writer)'`);
    return waiting.length === 2;
  });
  await rowsOn(url, `select pg_terminate_backend(${String(holder?.['pid'])})`);
  const second = await starting.catch(() => undefined);
  assert.ok(second !== undefined, 'the second server took the lock');
  const ready = await until('the first to notice', async () => {
    const answer = await call('GET', '/readyz').catch(() => undefined);
    return answer?.status === 503 && /Another PingMeDaddy/.test(answer.text) && answer;
  });
  assert.equal(ready.json.checks.database.status, 'failing');
  const { stdout, code } = await pmd(first, 'status');
  assert.equal(code, 1);
  assert.match(stdout, /Another PingMeDaddy writes to the database/);
  assert.equal((await call('POST', '/targets', { ip: '127.6.0.2' })).status, 503);
  assert.equal((await eve('GET', '/targets')).status, 503);

  const there = await logIn(second.url);
  assert.equal((await there('DELETE', '/users/eve')).status, 200);
  assert.equal((await there('POST', '/targets', { ip: '127.6.0.3' })).status, 200);
  const before = await countOf();
  await until('results of the second', async () => (await countOf()) > before + 5);
  await second.stop();
  await until(
    'the first to go on',
    async () => {
      const answer = await call('GET', '/readyz').catch(() => undefined);
      return answer?.status === 200;
    },
    30_000,
  );
  assert.equal((await eve('GET', '/targets')).status, 401);
  const { json: targets } = await call('GET', '/targets');
  assert.deepEqual(
    targets.map(({ ip }: { readonly ip: string }) => ip),
    ['127.6.0.1', '127.6.0.3'],
  );
  assert.equal(targets[0].id, target.id);
  const duplicates = await rowsOn(
    url,
    `select 1 from pmd.probe_results group by target_id, sent_at having count(*) > 1`,
  );
  assert.equal(duplicates.length, 0);
}, 90_000);
