import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { callerWith, logIn, until } from '../e2e/server.ts';
import { assertAccessible, signIn, startDashboard, visit } from './browser.ts';
import { untranslated } from './untranslated.ts';

type Dashboard = Awaited<ReturnType<typeof startDashboard>>;

const password = 'a password of our own';
const annas = 'correct horse battery';

describe('access', () => {
  let dashboard: Dashboard;
  let targetId: number;
  beforeAll(async () => {
    dashboard = await startDashboard({ ADMIN_PASSWORD: password });
    const call = await logIn(dashboard.server.url, password);
    targetId = ((await call('POST', '/targets', { ip: '127.0.0.1' })).json as { readonly id: number }).id;
  });
  afterAll(() => dashboard[Symbol.asyncDispose]());

  async function asAdmin(path: string): Promise<Awaited<ReturnType<typeof visit>>> {
    const visitor = await visit(dashboard.browser, dashboard.server);
    await signIn(visitor.page, password);
    await visitor.page.goto(path);
    return visitor;
  }
  async function signInAs(page: Page, username: string, word: string): Promise<void> {
    await page.goto('/');
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password').fill(word);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('header nav').waitFor();
  }

  test('an admin adds a user, and a name in use is reported at its field', async () => {
    await using visitor = await asAdmin('/app/settings/users');
    const { page } = visitor;
    visitor.expectError(/409/);
    await page.locator('[data-user=admin]').getByText('You', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Add a user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User name').fill('admin');
    await dialog.getByLabel('New password').fill(annas);
    await assertAccessible(page);
    await dialog.getByRole('button', { name: 'Add a user' }).click();
    await dialog.getByText('This user name is taken.').waitFor();
    await dialog.getByLabel('User name').fill('anna');
    await dialog.getByRole('button', { name: 'Add a user' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('Role of anna').inputValue(), 'viewer');
    assert.equal((await (await logIn(dashboard.server.url, annas, 'anna'))('GET', '/targets')).status, 200);
    visitor.assertClean();
  });

  test('the only admin stays one, which is explained', async () => {
    await using visitor = await asAdmin('/app/settings/users');
    const { page } = visitor;
    visitor.expectError(/409/);
    await page.getByLabel('Role of admin').selectOption('viewer');
    const asked = page.getByRole('alertdialog');
    await asked.getByText('only another admin can make you an admin again').waitFor();
    await asked.getByRole('button', { name: 'Cancel' }).click();
    await asked.waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('Role of admin').inputValue(), 'admin');
    await page.getByLabel('Role of admin').selectOption('viewer');
    await asked.getByRole('button', { name: 'Change my role' }).click();
    await page.getByRole('alert').getByText('This is the only admin').waitFor();
    assert.equal(await page.getByLabel('Role of admin').inputValue(), 'admin');
    visitor.assertClean();
  });

  test('a viewer is offered nothing that would be refused, and requests nothing that would be', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    const refused: string[] = [];
    page.on('response', (response) => {
      if (response.status() === 403) refused.push(response.url());
    });
    await signInAs(page, 'anna', annas);
    await page.getByRole('link', { name: '127.0.0.1' }).waitFor();
    assert.equal(await page.getByRole('link', { name: /^Add/ }).count(), 0);
    await page.getByRole('checkbox', { name: /127\.0\.0\.1/ }).click();
    await page.getByRole('toolbar').getByText('You have read-only access').waitFor();
    assert.equal(await page.getByRole('toolbar').getByRole('button').count(), 1, 'only the one that clears');
    await page.goto(`/app/targets/${targetId}`);
    const actions = page.getByRole('group', { name: 'Actions for this target' });
    await actions.getByRole('link', { name: 'Path' }).waitFor();
    assert.equal(await actions.getByRole('button', { name: /Pause|Edit|Delete/ }).count(), 0);
    await page.goto(`/app/targets/${targetId}/path`);
    await page.getByText('You have read-only access').waitFor();
    assert.equal(await page.getByRole('button', { name: /Trace/ }).count(), 0);
    await page.goto('/app/add');
    await page.getByText('Your role does not allow this.').waitFor();
    await page.goto('/app/settings');
    const parts = page.getByRole('navigation', { name: 'Parts of the settings' });
    await parts.waitFor();
    assert.deepEqual(await parts.getByRole('link').allTextContents(), ['General', 'API tokens', 'Deleted targets']);
    for (const part of ['users', 'audit']) {
      await page.goto(`/app/settings/${part}`);
      await page.getByText('Only admins see this part.').waitFor();
    }
    assert.deepEqual(refused, []);
    visitor.assertClean();
  });

  test('an operator changes targets, and manages no users', async () => {
    const admin = await logIn(dashboard.server.url, password);
    await admin('POST', '/users', { username: 'otto', password: annas, role: 'operator' });
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await signInAs(page, 'otto', annas);
    await page.getByRole('link', { name: 'Add targets' }).waitFor();
    await page.goto(`/app/targets/${targetId}`);
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.goto('/app/settings/tokens');
    await page.getByRole('button', { name: 'Create a token' }).click();
    const roles = page.getByRole('dialog').getByLabel('Role');
    assert.deepEqual(await roles.locator('option').allTextContents(), ['Viewer', 'Operator']);
    assert.equal(await page.getByRole('link', { name: 'Users' }).count(), 0);
    visitor.assertClean();
  });

  test('a token is shown once, works for the API, and stops working once it is revoked', async () => {
    await using visitor = await asAdmin('/app/settings/tokens');
    const { page } = visitor;
    await page.getByRole('button', { name: 'Create a token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Purpose').fill('Prometheus');
    await dialog.getByLabel('Valid for').selectOption('never');
    await dialog.getByRole('button', { name: 'Create a token' }).click();
    await dialog.getByText('it is never shown again').waitFor();
    await assertAccessible(page);
    const token = (await dialog.locator('[data-new-token]').textContent()) ?? '';
    const status = async (): Promise<number> => {
      const response = await fetch(`${dashboard.server.url}/metrics`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return response.status;
    };
    assert.equal(await status(), 200);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('[data-token=Prometheus]').getByText('Never expires').waitFor();
    assert.equal((await page.content()).includes(token), false);
    await page.getByRole('button', { name: 'Revoke the token Prometheus' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No tokens yet').waitFor();
    assert.equal(await status(), 401);
    visitor.assertClean();
  });

  test('a user is deleted after a warning about what is lost', async () => {
    await using visitor = await asAdmin('/app/settings/users');
    const { page } = visitor;
    await page.getByRole('button', { name: 'Delete the user otto' }).click();
    await page.getByRole('alertdialog').getByText('every API token of this user ends at once').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete user' }).click();
    await page.locator('[data-user=otto]').waitFor({ state: 'detached' });
    const anna = await logIn(dashboard.server.url, annas, 'anna');
    const { json } = await anna('POST', '/tokens', { name: 'stolen' });
    await page.getByRole('button', { name: 'Set the password of anna' }).click();
    await page.getByRole('dialog').getByLabel('New password').fill('another horse battery');
    await page.getByRole('dialog').getByText('There is 1.').waitFor();
    await page.getByRole('dialog').getByLabel('Also revoke all API tokens').check();
    await assertAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Set password' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(
      (await (await logIn(dashboard.server.url, 'another horse battery', 'anna'))('GET', '/fleet')).status,
      200,
    );
    assert.equal((await callerWith(dashboard.server.url, json.token)('GET', '/fleet')).status, 401);
    visitor.assertClean();
  });

  test('the audit log shows everything, by user, page by page, without secrets', async () => {
    const call = await logIn(dashboard.server.url, password);
    for (let time = 0; time < 30; time++) {
      await call('POST', `/targets/${targetId}/pause`);
      await call('POST', `/targets/${targetId}/resume`);
    }
    await using visitor = await asAdmin('/app/settings/audit');
    const { page } = visitor;
    const rows = page.getByRole('list', { name: 'Audit log' }).locator('li');
    await rows.first().getByText('signed in').waitFor();
    assert.equal(await rows.count(), 50);
    await page.getByRole('button', { name: 'Older entries' }).click();
    for (const words of ['created an API token', 'revoked an API token', 'deleted a user']) {
      await rows.filter({ hasText: words }).first().waitFor();
    }
    const added = rows.filter({ hasText: 'added a user' }).last();
    await added.locator('summary').click();
    await added.getByText('"username":"anna"').waitFor();
    assert.equal((await page.content()).includes(annas), false);
    const times = await rows
      .locator('time')
      .evaluateAll((all) => all.map((time) => time.getAttribute('datetime') ?? ''));
    assert.deepEqual(times, [...times].sort().reverse(), 'newest first');
    await page.getByLabel('User', { exact: true }).fill('anna');
    await page.getByRole('button', { name: 'Filter' }).click();
    await until('only what anna did', async () => {
      const texts = await rows.allTextContents();
      return texts.length > 0 && texts.every((text) => text.startsWith('anna'));
    });
    visitor.assertClean();
  });

  test.for(['light', 'dark'] as const)(
    'every part is accessible and fits a phone, in the %s theme',
    async (colorScheme) => {
      await using visitor = await visit(dashboard.browser, dashboard.server, { colorScheme, width: 360, height: 780 });
      const { page } = visitor;
      await signIn(page, password);
      for (const part of ['users', 'tokens', 'audit']) {
        await page.goto(`/app/settings/${part}`);
        await page.getByRole('navigation', { name: 'Parts of the settings' }).waitFor();
        await until('the list is there', async () => (await page.locator('.animate-pulse').count()) === 0);
        await assertAccessible(page);
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        assert.equal(overflow, 0, `${part} scrolls sideways`);
      }
      visitor.assertClean();
    },
  );

  test('every word is translated', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await signIn(page, password);
    await page.evaluate(() => localStorage.setItem('pmd-preferences', JSON.stringify({ language: 'qps' })));
    for (const part of ['users', 'tokens', 'audit']) {
      await page.goto(`/app/settings/${part}`);
      await page.locator('nav').last().waitFor();
      await until('the list is there', async () => (await page.locator('.animate-pulse').count()) === 0);
      assert.deepEqual(await untranslated(page), [], part);
    }
    visitor.assertClean();
  });
});
