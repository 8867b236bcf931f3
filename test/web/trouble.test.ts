import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'vitest';
import { logIn, until } from '../e2e/server.ts';
import { assertAccessible, signIn, startDashboard, visit } from './browser.ts';

test('waiting results are announced on every screen until they are stored', async () => {
  await using dashboard = await startDashboard();
  const { server, browser } = dashboard;
  const call = await logIn(server.url);
  await call('POST', '/targets', { ip: '127.0.0.1', frequency: 0.1 });
  await using visitor = await visit(browser, server, { colorScheme: 'dark' });
  const { page } = visitor;
  visitor.expectError(/503 .*\/readyz/);
  await signIn(page);
  await page.locator('[data-live=live]').waitFor();
  const notice = page.locator('[data-notice]');
  assert.equal(await notice.count(), 0);

  // Another process holds the database: ours can neither write nor go on waiting for it.
  const holder = new DatabaseSync(join(server.folder, 'pingmedaddy.db'));
  await until('a moment in which the database can be taken', async () => {
    try {
      holder.exec('begin immediate');
      return true;
    } catch {
      return false;
    }
  });
  await until(
    'a failing recorder',
    async () => (await call('GET', '/readyz')).json.checks.recorder.status === 'failing',
    40_000,
  );
  await page.reload();
  await page.getByText(/^\d+ results are buffered until the database accepts them\.$/).waitFor();
  await page.getByText('has not been changed').waitFor();
  await assertAccessible(page);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Failing').first().waitFor();
  assert.equal(await notice.count(), 1);

  holder.close();
  await until('a recorder that works', async () => {
    const { recorder } = (await call('GET', '/readyz')).json.checks;
    return recorder.status === 'ok' && recorder.spooled_results === 0;
  });
  await notice.waitFor({ state: 'detached', timeout: 30_000 });
  visitor.assertClean();
}, 120_000);
