import assert from 'node:assert/strict';
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Caller, logIn, until } from '../e2e/server.ts';
import { startDashboard, visit } from './browser.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { walkEveryScreen } from './walk.ts';

const password = 'only in this test';
let dashboard: Awaited<ReturnType<typeof startDashboard>>;
let call: Caller;
let id: number;
beforeAll(async () => {
  const settings = { BASE_PATH: '/pmd', TRUSTED_PROXIES: '127.0.0.1', ADMIN_PASSWORD: password };
  dashboard = await startDashboard(settings);
  call = await logIn(dashboard.server.url, password);
  ({ id } = (await call('POST', '/targets', { ip: '127.0.6.3', frequency: 0.2 })).json);
  await call('POST', '/targets', { ip: '127.0.6.4', frequency: 0.2 });
}, 180_000);
afterAll(() => dashboard[Symbol.asyncDispose]());

/** As docs/reverse-proxy.md writes it. */
const headers = `
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_buffering off;
`;

describe.for([
  ['passes the path on', ''],
  ['takes the path off', '/'],
] as const)('behind nginx at /pmd, which %s', ([name, end]) => {
  let nginx: Nginx;
  beforeAll(async () => {
    const folder = join(dashboard.server.folder, name.replaceAll(' ', '-'));
    await mkdir(folder);
    const { origin } = new URL(dashboard.server.url);
    nginx = await startNginx(folder, `location /pmd/ { proxy_pass ${origin}${end}; ${headers} }`);
  });
  afterAll(() => nginx[Symbol.asyncDispose]());

  test('every screen, a change, live results, a reload, Back and signing out work as at the root', async () => {
    const server = { url: `${nginx.url}/pmd` };
    await using visitor = await visit(dashboard.browser, server);
    const { page, context } = visitor;
    const at = (path: string): Promise<void> => page.waitForURL(server.url + path);

    // A deep link leads to the form and from there to where it points; the bare path is the fleet.
    await page.goto(`${server.url}/app/targets/${id}?range=15m`);
    await page.locator('input[name=username]').fill('admin');
    await page.locator('input[name=password]').fill(password);
    await page.locator('form button[type=submit]').click();
    await at(`/app/targets/${id}?range=15m`);
    const [cookie] = await context.cookies(server.url);
    assert.deepEqual([cookie?.name, cookie?.path], ['pmd_session', '/pmd']);
    await page.locator('[data-live=live]').waitFor();
    const samples = async (): Promise<number> =>
      Number((await page.locator('[data-card=samples]').innerText()).replaceAll(',', ''));
    const before = await until('figures', samples);
    await until('live results', async () => (await samples()) > before);

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    assert.equal((await call('GET', `/targets/${id}`)).json.is_active, false);
    await page.reload();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();

    await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click();
    await at('/app/settings');
    await page.locator('a[href="/pmd/docs"]').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await at(`/app/targets/${id}?range=15m`);

    // The files are the same ones whoever takes the path off: once is enough.
    if (end === '') assert.deepEqual(await walkEveryScreen(visitor, server, id), []);
    await page.goto(`${nginx.url}/pmd`);
    await page.locator('tbody tr[data-target]').first().waitFor();
    await page.goto(`${server.url}/docs`);
    await page.getByText('Monitor an address').or(page.getByText('/targets/{id}')).first().waitFor();
    await page.goto(`${server.url}/redoc`);
    await page.getByRole('heading', { name: /PingMeDaddy/ }).waitFor();

    await page.goto(`${server.url}/`);
    await page.getByRole('button', { name: 'Your menu' }).click();
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
    await at('/app/sign-in');
    assert.deepEqual(await context.cookies(server.url), []);
    visitor.assertClean();
    const outside = (await nginx.requested()).filter((path) => !path.startsWith('/pmd/') && path !== '/pmd');
    assert.deepEqual(outside, []);
  });
});

test('a direct request at the root leads to the same screen below the path', async () => {
  await using visitor = await visit(dashboard.browser, dashboard.server);
  const { page } = visitor;
  await page.goto(`${new URL(dashboard.server.url).origin}/app/settings?a=b`).catch(() => {});
  await page.waitForURL(/sign-in/);
  assert.equal(page.url(), `${dashboard.server.url}/app/sign-in?next=%2Fapp%2Fsettings%3Fa%3Db`);
});
