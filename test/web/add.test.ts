import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startNameServer } from '../e2e/name-server.ts';
import { type Caller, logIn, until } from '../e2e/server.ts';
import { type Visit, assertAccessible, signIn, startDashboard, visit } from './browser.ts';
import { untranslated } from './untranslated.ts';

describe('adding and settings', () => {
  let dashboard: Awaited<ReturnType<typeof startDashboard>>;
  let call: Caller;
  let names: Awaited<ReturnType<typeof startNameServer>>;
  beforeAll(async () => {
    names = await startNameServer(60);
    names.names.set('www.test', ['127.0.5.1']);
    dashboard = await startDashboard({
      ...{ PROBE_ALLOW: '127.0.0.0/8', PROBE_DENY: '127.0.9.0/24', DNS_SERVERS: names.address },
    });
    call = await logIn(dashboard.server.url);
    await call('POST', '/targets', { ip: '127.0.0.1' });
  });
  afterAll(async () => {
    await dashboard[Symbol.asyncDispose]();
    await names[Symbol.asyncDispose]();
  });

  async function signedIn(path: string, options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
    const visitor = await visit(dashboard.browser, dashboard.server, options);
    await signIn(visitor.page);
    await visitor.page.goto(path);
    return visitor;
  }

  test('a list is checked while it is typed, created only on demand, and live within seconds', async () => {
    await using visitor = await signedIn('/app/add');
    const { page } = visitor;
    const list = '127.0.0.1\n127.0.2.0/30 # block\n127.0.3.7-8\nrouter\n127.0.9.1\n127.0.2.1\n127.0.3.9-3\n10.0.0.0/8';
    await page.getByLabel('Addresses', { exact: true }).fill(list);
    await page.getByRole('button', { name: 'Start probing 4 targets' }).waitFor();
    const linesOf = async (status: string): Promise<readonly string[]> =>
      page.locator(`[data-preview] [data-status="${status}"]`).allInnerTexts();
    assert.deepEqual(
      (await linesOf('faulty')).map((text) => text.replaceAll(/\s+/g, ' ')),
      [
        'router Line 4: is not a valid address, CIDR block, range or host name.',
        '127.0.3.9-3 Line 7: ends before it begins.',
        '10.0.0.0/8 Line 8: is more than 4,096 addresses at once.',
      ],
    );
    assert.equal((await linesOf('new')).length, 4);
    assert.deepEqual(
      [(await linesOf('exists')).length, (await linesOf('repeated')).length, (await linesOf('not-allowed')).length],
      [1, 1, 1],
    );
    assert.equal((await call('GET', '/targets')).json.length, 1, 'nothing is created by looking');
    await assertAccessible(page);
    await page.getByLabel('Seconds between probes').fill('0.5');
    await page.getByLabel('Tags').fill('Lab, rack 4');
    await page.getByRole('button', { name: 'Start probing 4 targets' }).click();
    await page.locator('[data-added="127.0.2.1"] [data-last]', { hasText: 'ms' }).waitFor({ timeout: 6000 });
    const { json } = await call('GET', '/targets');
    assert.deepEqual(
      json.slice(1).map((each: any) => [each.ip, each.frequency, each.tags.join()]),
      ['127.0.2.1', '127.0.2.2', '127.0.3.7', '127.0.3.8'].map((ip) => [ip, 0.5, 'lab,rack 4']),
    );
    visitor.assertClean();
  });

  test('names and ports are added; a name that cannot be resolved is reported', async () => {
    await using visitor = await signedIn('/app/add');
    const { page } = visitor;
    await page.getByLabel('Addresses', { exact: true }).fill('www.test\nnowhere.test\n127.0.5.2');
    await page.getByLabel('Kind of probe').selectOption('tcp');
    await page.getByLabel('Port').fill('70000');
    await page.getByText('A whole number from 1 to 65535.').waitFor();
    await page.getByLabel('Port').fill('9');
    await page.getByRole('button', { name: 'Start probing 3 targets' }).click();
    await page
      .getByRole('alert')
      .getByText(/nowhere\.test cannot be resolved: there is no such name/)
      .waitFor();
    await page.locator('[data-added="127.0.5.1"]', { hasText: 'www.test tcp/9' }).waitFor();
    await assertAccessible(page);
    const { json } = await call('GET', '/targets');
    const added = json.filter((each: any) => each.port === 9).map((each: any) => [each.ip, each.host, each.probe]);
    const expected = [
      ['127.0.5.1', 'www.test', 'tcp'],
      ['127.0.5.2', null, 'tcp'],
    ];
    assert.deepEqual(added.toSorted(), expected);
    visitor.assertClean();
  });

  test('a CSV file is imported row by row, and every invalid row is named', async () => {
    await using visitor = await signedIn('/app/add');
    const { page } = visitor;
    await page.getByRole('tab', { name: 'CSV file' }).click();
    const csv =
      'ip,frequency,url,notes,is_active\n127.0.4.1,1,,first,true\nnowhere,1,,,\n127.0.4.2,9999,,,\n127.0.0.1,1,,,\n';
    await page
      .locator('input[type=file]')
      .setInputFiles({ ...{ name: 'targets.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) } });
    await page.getByText('4 rows · 1 new · 1 already monitored · 2 invalid rows').waitFor();
    const isThere = async (): Promise<boolean> =>
      (await call('GET', '/targets')).json.some((each: any) => each.notes === 'first');
    assert.equal(await isThere(), false, 'nothing is created by looking');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('4 rows').waitFor({ state: 'detached' });
    // Dropped, it is looked at first as well.
    const transfer = await page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'targets.csv', { type: 'text/csv' }));
      return data;
    }, csv);
    await page
      .locator('label', { has: page.locator('input[type=file]') })
      .dispatchEvent('drop', { dataTransfer: transfer });
    await page.getByText('4 rows · 1 new').waitFor();
    assert.equal(await isThere(), false, 'nor by dropping');
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Start probing 1 target' }).click();
    await page.getByText('4 rows · 1 created · 1 already monitored · 2 invalid rows').waitFor();
    const rows = page.getByRole('group', { name: 'Invalid rows' }).locator('tbody tr');
    const texts = (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
    assert.match(texts[0] ?? '', /^3 This address cannot be added\. .*nowhere/);
    assert.match(texts[1] ?? '', /^4 The frequency must be a number of seconds from 0\.1 to 3600\./);
    await assertAccessible(page);
    assert.ok(await isThere());
    visitor.assertClean();
  });

  test('settings change language, theme, time zone and units at once, and stay', async () => {
    await using visitor = await signedIn('/app/settings', { colorScheme: 'light' });
    const { page } = visitor;
    await page.getByLabel('Theme').selectOption('dark');
    assert.ok(await page.evaluate(() => document.documentElement.classList.contains('dark')));
    await page.getByLabel('Round trips').selectOption('auto');
    await page.getByText('Such as 245 µs').waitFor();
    const hourIn = async (zone: string): Promise<string> => {
      await page.getByLabel('Time zone').selectOption(zone);
      return /(\d\d):\d\d:\d\d/.exec((await page.getByText('Now it is').textContent()) ?? '')?.[1] ?? '';
    };
    const [utc, taipei] = [Number(await hourIn('UTC')), Number(await hourIn('Asia/Taipei'))];
    assert.ok([8, 9].includes((taipei - utc + 24) % 24), `${utc} ${taipei}`);
    await page.getByLabel('Language').selectOption('zh-TW');
    await page.getByRole('heading', { level: 1, name: '設定' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: '設定' }).waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.classList.contains('dark')));
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-TW');
    visitor.assertClean();
  });

  test('settings and adding open a stream without results, the fleet one with all, in any order', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname === '/stream') asked.push(search);
    });
    const opened = (search: string): Promise<boolean> =>
      until(`a stream ${search}`, async () => asked.at(-1) === search);
    await signIn(page);
    const places = page.getByRole('navigation', { name: 'Screens' });
    await opened('');
    for (const name of ['Settings', 'Add']) {
      await places.getByRole('link', { name }).click();
      await opened('?targets=none');
      await page.locator('[data-live=live]').waitFor();
      await places.getByRole('link', { name: 'Fleet' }).click();
      await opened('');
    }
    asked.length = 0;
    for (const path of ['/app/settings', '/app/add']) {
      await page.goto(path);
      await page.locator('[data-live=live]').waitFor();
      assert.deepEqual(asked.splice(0), ['?targets=none'], path);
    }
    visitor.assertClean();
  });

  test('settings show what is kept, the space it takes, and how the server is', async () => {
    await using visitor = await signedIn('/app/settings');
    const { page } = visitor;
    await page.getByRole('rowheader', { name: /^Raw results/ }).waitFor();
    assert.equal(await page.getByText('Working', { exact: true }).count(), 3);
    const { json } = await call('GET', '/system');
    const shown = new Intl.NumberFormat('en').format(Math.round(json.forecast.results_per_day));
    await page.getByText(shown, { exact: true }).waitFor();
    visitor.assertClean();
  });

  test.for(['light', 'dark'] as const)('settings and adding are accessible, %s', async (colorScheme) => {
    await using visitor = await signedIn('/app/settings', { colorScheme });
    const { page } = visitor;
    await page.getByRole('rowheader', { name: /^Raw results/ }).waitFor();
    await assertAccessible(page);
    await page.goto('/app/add');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Your menu' }).click();
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).waitFor();
    await assertAccessible(page);
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    visitor.assertClean();
  });

  test('no screen has an untranslated text', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await page.goto('/');
    await page.evaluate(() => localStorage.setItem('pmd-preferences', JSON.stringify({ language: 'qps' })));
    await signIn(page);
    for (const path of ['/', '/?view=tiles', '/?q=nothing', '/app/add', '/app/settings', '/app/nowhere']) {
      await page.goto(path);
      await page.locator('h1, [role=status], p').filter({ hasText: '⟦' }).first().waitFor();
      if (path !== '/app/nowhere') await page.locator('[data-live=live]').waitFor();
      assert.deepEqual(await untranslated(page), [], path);
    }
    await page.goto('/');
    await page.locator('tbody input[type=checkbox]').first().check();
    await page.getByRole('toolbar').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await untranslated(page), [], 'keys');
    visitor.assertClean();
  });
});
