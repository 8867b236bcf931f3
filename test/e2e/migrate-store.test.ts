import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runOn, startPostgres } from '../database-servers.ts';
import { pmd, startPmd } from './pmd.ts';
import { startServer, temporaryFolder, until } from './server.ts';

test('a server moves from SQLite to PostgreSQL, and its history with it', async () => {
  await using folder = await temporaryFolder();
  await using postgres = await startPostgres();
  const [from, to] = [`sqlite:${join(folder.path, 'pingmedaddy.db')}`, await postgres.newDatabase()];
  await using before = await startServer(folder.path);
  await pmd(before, 'seed', '--targets', '3', '--years', '0.1', '--quiet');
  const events = await pmd(before, 'target', 'events', '2', '--json');
  const end = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
  const month = ['--start', new Date(+end - 30 * 86_400_000).toISOString(), '--end', end.toISOString()];
  const askInsights = ['target', 'insights', '2', '--json', ...month];
  const insights = await pmd(before, ...askInsights);
  expect(insights.stderr).toBe('');
  const inUse = await pmd(before, 'migrate-store', from, to);
  expect(inUse).toMatchObject({ code: 1, stderr: expect.stringMatching(/Another process is writing to/) });
  await before.stop();

  const { child, ended } = startPmd(before, ['migrate-store', from, to]);
  const isBegun = (): Promise<boolean> =>
    runOn(to, 'select from pmd.commit_sources').then(
      () => true,
      () => false,
    );
  await until('the move', isBegun);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/run the same command again/),
  });
  const moved = await pmd(before, 'migrate-store', from, to, '--json');
  expect(moved).toMatchObject({ code: 0 });
  expect(JSON.parse(moved.stdout)).toMatchObject({ is_equal: true, targets: 3, users: 1, differences: [] });
  const checked = await pmd(before, 'migrate-store', from, to, '--check');
  expect(checked).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Equal in both databases: 3 targets/) });

  await using after = await startServer(folder.path, { DATABASE_URL: to });
  expect(await pmd(after, 'target', 'events', '2', '--json')).toEqual(events);
  const there = await pmd(after, ...askInsights);
  const rounded = (text: string): unknown =>
    JSON.parse(text, (_, each: unknown) => (typeof each === 'number' ? Number(each.toPrecision(9)) : each));
  expect(rounded(there.stdout)).toEqual(rounded(insights.stdout));
});
