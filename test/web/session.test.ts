import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { callerWith, logIn, until } from '../e2e/server.ts';
import { assertAccessible, signIn, startDashboard, visit } from './browser.ts';

type Dashboard = Awaited<ReturnType<typeof startDashboard>>;

describe('session', () => {
  let dashboard: Dashboard;
  let password = 'changeme';
  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterAll(() => dashboard[Symbol.asyncDispose]());

  test('the page comes with a content security policy without unsafe-inline', async () => {
    const response = await fetch(dashboard.server.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    const again = (await fetch(`${dashboard.server.url}/app/anything`)).headers.get('content-security-policy');
    assert.notEqual(again, policy, 'a nonce is used once');
    assert.equal((await fetch(`${dashboard.server.url}/anything`)).status, 401);
  });

  test('scripts are cached for ever and arrive compressed', async () => {
    const html = await (await fetch(dashboard.server.url)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
    for (const encoding of ['br', 'gzip']) {
      const response = await fetch(dashboard.server.url + script, { headers: { 'accept-encoding': encoding } });
      assert.equal(response.headers.get('content-encoding'), encoding);
      assert.match(response.headers.get('cache-control') ?? '', /immutable/);
      assert.match(await response.text(), /PingMeDaddy|react/i);
    }
  });

  test.for(['light', 'dark'] as const)('signing in is accessible in the %s theme', async (colorScheme) => {
    await using visitor = await visit(dashboard.browser, dashboard.server, { colorScheme });
    await visitor.page.goto('/');
    await visitor.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await assertAccessible(visitor.page);
    visitor.assertClean();
  });

  test('a wrong password is reported in words, a right one leads to the requested page', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    visitor.expectError(/401 \(Unauthorized\)/);
    await page.goto('/app/settings');
    await page.getByLabel('User name').fill('admin');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /Wrong user name or password/);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/app/settings');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    visitor.assertClean();
  });

  test('the language is chosen before signing in and stays', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server, { locale: 'zh-TW' });
    const { page } = visitor;
    await page.goto('/');
    await page.getByRole('button', { name: '登入' }).waitFor();
    await page.getByRole('combobox').selectOption('fr');
    await page.getByRole('button', { name: 'Se connecter' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Se connecter' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
    visitor.assertClean();
  });

  test('a change without our own page as its origin is refused, with the cookie', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    await signIn(visitor.page, password);
    const cookie = (await visitor.context.cookies()).find(({ name }) => name === 'pmd_session');
    assert.ok(cookie?.httpOnly);
    assert.equal(cookie.sameSite, 'Strict');
    const { url } = dashboard.server;
    const post = async (headers: Record<string, string>): Promise<number> =>
      (
        await fetch(`${url}/auth/logout`, {
          method: 'POST',
          headers: { cookie: `pmd_session=${cookie.value}`, ...headers },
        })
      ).status;
    assert.equal(await post({}), 401);
    assert.equal(await post({ 'sec-fetch-site': 'cross-site', origin: url }), 401);
    assert.equal(await post({ origin: 'http://elsewhere.example' }), 401);
    assert.equal(await post({ origin: url }), 200);
    assert.equal(await post({ 'sec-fetch-site': 'same-origin' }), 200);
  });

  test('too many attempts are refused in words, with the time to wait', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    visitor.expectError(/401|429/);
    await page.goto('/');
    await page.getByLabel('User name').fill('someone');
    const alert = page.getByRole('alert');
    for (let attempt = 0; attempt < 6; attempt++) {
      await page.getByLabel('Password').fill('x');
      const answered = page.waitForResponse((response) => response.url().includes('/auth/login'));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await answered;
    }
    await until('the refusal', async () => /Try again in \d+ seconds/.test((await alert.textContent()) ?? ''));
    visitor.assertClean();
  });

  test('signing out everywhere ends every token, and the other window returns to where it was after signing in', async () => {
    await using here = await visit(dashboard.browser, dashboard.server);
    await using there = await visit(dashboard.browser, dashboard.server);
    there.expectError(/401/);
    await signIn(here.page, password);
    await signIn(there.page, password);
    await there.page.goto('/app/settings');
    await there.page.locator('[data-live=live]').waitFor();
    const call = await logIn(dashboard.server.url, password);
    assert.equal((await call('GET', '/targets')).status, 200);
    await here.page.getByRole('button', { name: 'Your menu' }).click();
    await here.page.getByRole('menuitem', { name: 'Sign out everywhere' }).click();
    await here.page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.equal((await call('GET', '/targets')).status, 401);
    await there.page.getByText('Your session has expired').waitFor();
    await there.page.getByLabel('User name').fill('admin');
    await there.page.getByLabel('Password').fill(password);
    await there.page.getByRole('button', { name: 'Sign in' }).click();
    await there.page.waitForURL('**/app/settings');
    await there.page.locator('[data-live=live]').waitFor();
    here.assertClean();
    there.assertClean();
  });

  test('the default password causes a warning and can be changed on the spot', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    visitor.expectError(/422/);
    const { json } = await (await logIn(dashboard.server.url, password))('POST', '/tokens', { name: 'stolen' });
    await signIn(page, password);
    await page.getByRole('button', { name: 'Change it now' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await assertAccessible(page);
    await dialog.getByLabel('Current password').fill('not it');
    await dialog.getByLabel('New password', { exact: true }).fill('a better password');
    await dialog.getByLabel('Confirm new password').fill('a better password');
    await dialog.getByRole('button', { name: 'Change password' }).click();
    await dialog.getByText('This is not the current password.').waitFor();
    const tokenStatus = async (): Promise<number> =>
      (await callerWith(dashboard.server.url, json.token)('GET', '/fleet')).status;
    assert.equal(await tokenStatus(), 200);
    await dialog.getByText('You have 1.').waitFor();
    await dialog.getByLabel('Also revoke all API tokens').check();
    await dialog.getByLabel('Current password').fill(password);
    await dialog.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('every API token has ended').waitFor();
    assert.equal(await tokenStatus(), 401);
    password = 'a better password';
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('button', { name: 'Change it now' }).count(), 0);
    await page.reload();
    await page.locator('[data-live=live]').waitFor();
    visitor.assertClean();
  });
});
