import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Caller, logIn, startServer, until } from '../e2e/server.ts';
import { type Visit, assertAccessible, signIn, startDashboard, visit } from './browser.ts';

type Dashboard = Awaited<ReturnType<typeof startDashboard>>;

/** Every address is of this machine: nothing leaves it. */
const ips = Array.from({ length: 40 }, (_, index) => `127.0.1.${index + 1}`);

describe('fleet', () => {
  let dashboard: Dashboard;
  let call: Caller;
  beforeAll(async () => {
    dashboard = await startDashboard();
    call = await logIn(dashboard.server.url);
  });
  afterAll(() => dashboard[Symbol.asyncDispose]());

  async function signedIn(options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
    const visitor = await visit(dashboard.browser, dashboard.server, options);
    await signIn(visitor.page);
    return visitor;
  }

  const rowOf = (page: Page, ip: string) => page.locator(`tr[data-target="${ip}"]`);
  const tagsOf = async (ip: string): Promise<unknown> =>
    (await call('GET', '/targets')).json.find((each: any) => each.ip === ip)?.tags;

  test('begins with common first targets, asks before it probes, and shows live results within seconds', async () => {
    await using visitor = await signedIn();
    const { page } = visitor;
    await page.getByRole('heading', { name: 'Add your first targets' }).waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await assertAccessible(page);
    }
    assert.deepEqual((await call('GET', '/targets')).json, [], 'nothing is probed by looking');
    for (const box of await page.getByRole('checkbox').all()) await box.uncheck();
    await page.getByRole('checkbox', { name: /This machine/ }).check();
    await page.getByRole('button', { name: 'Start probing 1 target' }).click();
    await rowOf(page, '127.0.0.1').locator('[data-last]', { hasText: 'ms' }).waitFor({ timeout: 5000 });
    await page.getByRole('heading', { name: 'The only target is fine.' }).waitFor();
    await page.getByText('no external targets are monitored').waitFor();
    visitor.assertClean();
  });

  test('shows results as they arrive, without polling', async () => {
    await call('POST', '/targets/many', { ips, tags: ['lab'] });
    await call('PATCH', '/targets/2', { notes: 'Core router', tags: ['lab', 'core'] });
    await using visitor = await signedIn();
    const { page } = visitor;
    await page.getByText('All 41 targets are fine.').waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const last = page.locator('tbody [data-last]').first();
    await last.waitFor();
    const seen = new Set<string>();
    await until('three different round trips', async () => seen.add((await last.textContent()) ?? '').size >= 3);
    const drawn = await page.locator('tbody canvas').first().evaluate(drawnPixels);
    assert.ok(drawn > 100, `${drawn} pixels of the sparkline are drawn`);
    assert.ok(asked.filter((path) => path === '/fleet').length <= 1, asked.join());
    assert.ok(!asked.includes('/stream'), 'the stream stays open');
    visitor.assertClean();
  });

  test('is searched, filtered and sorted, which the address preserves', async () => {
    await using visitor = await signedIn();
    const { page } = visitor;
    const rows = page.locator('tbody tr[data-target]');
    await rows.first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('router');
    await until('one row', async () => (await rows.count()) === 1);
    assert.equal(await rows.getAttribute('data-target'), '127.0.1.1');
    assert.match(page.url(), /q=router/);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'core' }).click();
    await until('one row', async () => (await rows.count()) === 1);
    await page.reload();
    await rows.first().waitFor();
    assert.equal(await rows.count(), 1);
    assert.equal(await page.getByRole('button', { name: 'core' }).getAttribute('aria-pressed'), 'true');
    await page.getByRole('button', { name: 'core' }).click();
    await page.getByRole('columnheader', { name: 'Target' }).getByRole('button').click();
    await until('sorted by name', async () => (await rows.first().getAttribute('data-target')) === '127.0.0.1');
    await page.getByRole('columnheader', { name: 'Target' }).getByRole('button').click();
    await until('the other way', async () => (await rows.first().getAttribute('data-target')) === '127.0.1.40');
    assert.match(page.url(), /sort=-name/);
    await page.getByRole('searchbox').fill('nowhere');
    await page.getByText('No target matches').waitFor();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Show all' }).click();
    await rows.first().waitFor();
    visitor.assertClean();
  });

  test('renders only the visible rows, and is navigated by keyboard', async () => {
    await using visitor = await signedIn({ height: 500 });
    const { page } = visitor;
    const rows = page.locator('tbody tr[data-target]');
    await rows.first().waitFor();
    assert.ok((await rows.count()) < 35, 'a few rows more than fit');
    for (let step = 0; step < 30; step++) await page.keyboard.press('j');
    await until('row 30 has the focus', () =>
      page.evaluate(() => document.activeElement?.closest('tr')?.dataset['index'] === '29'),
    );
    await page.keyboard.press('x');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('2 selected').waitFor();
    for (let step = 0; step < 5; step++) await page.keyboard.press('j');
    await until('the row is above the bar', () => isFree(page));
    for (let step = 0; step < 20; step++) await page.keyboard.press('k');
    await until('the row is below the header', () => isFree(page));
    await page.keyboard.press('Escape');
    await page.getByRole('toolbar').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await assertAccessible(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL('**/app/settings');
    visitor.assertClean();
  });

  test('changes many by one request, and undoes it', async () => {
    await using visitor = await signedIn();
    const { page } = visitor;
    const bulk: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET' && request.url().includes('/targets')) bulk.push(request.url());
    });
    await page.getByRole('button', { name: 'lab' }).click();
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    await page.getByText('40 selected').waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('40 targets paused').waitFor();
    await until('all paused', async () => (await call('GET', '/fleet')).json.counts.paused === 40);
    await page.getByRole('button', { name: 'Undo' }).click();
    await until('all resumed', async () => (await call('GET', '/fleet')).json.counts.paused === 0);
    await page.getByRole('toolbar').getByRole('button', { name: 'Tags' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Add tags').fill('a;b');
    await dialog.getByRole('button', { name: 'Change tags' }).click();
    await dialog.getByText('Invalid tag').waitFor();
    await assertAccessible(page);
    await dialog.getByLabel('Add tags').fill('Edge, rack 4');
    await dialog.getByLabel('Remove tags').fill('core');
    await dialog.getByRole('button', { name: 'Change tags' }).click();
    await page.getByText('Tags of 40 targets changed').waitFor();
    assert.deepEqual(await tagsOf('127.0.1.1'), ['edge', 'lab', 'rack 4']);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('40 targets deleted; their history is kept').waitFor();
    await until('one left', async () => (await call('GET', '/targets')).json.length === 1);
    await page
      .getByRole('listitem')
      .filter({ hasText: '40 targets deleted' })
      .getByRole('button', { name: 'Undo' })
      .click();
    await until('all back', async () => (await call('GET', '/targets')).json.length === 41);
    assert.deepEqual(await tagsOf('127.0.1.40'), ['edge', 'lab', 'rack 4']);
    assert.equal(bulk.length, 5, bulk.join());
    visitor.assertClean();
  });

  test.for(['light', 'dark'] as const)('is accessible as a table and as tiles, %s', async (colorScheme) => {
    await call('POST', '/targets/2/pause');
    await using visitor = await signedIn({ colorScheme });
    const { page } = visitor;
    await page.locator('tbody [data-last]', { hasText: 'ms' }).first().waitFor();
    await page.locator('tbody').getByRole('checkbox').first().check();
    await page.getByRole('toolbar').waitFor();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'As tiles' }).click();
    await page.getByRole('list', { name: 'Targets' }).waitFor();
    assert.equal(await page.getByRole('list', { name: 'Targets' }).getByRole('listitem').count(), 41);
    await assertAccessible(page);
    visitor.assertClean();
  });

  test('fits a phone of 360 pixels without scrolling sideways', async () => {
    await using visitor = await signedIn({ width: 360, height: 740 });
    const { page } = visitor;
    for (const path of ['/', '/?view=tiles', '/app/add', '/app/settings']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 360, `${path} is ${width} wide`);
    }
    visitor.assertClean();
  });

  test('is printed with all its rows, sparklines and colours', async () => {
    await using visitor = await signedIn({ height: 500 });
    const { page } = visitor;
    const rows = page.locator('tbody tr[data-target]');
    await rows.first().waitFor();
    assert.ok((await rows.count()) < 41, 'the screen shows some of them');
    await page.evaluate(() => {
      addEventListener('beforeprint', () => {
        const all = [...document.querySelectorAll('tbody tr[data-target]')];
        const drawn = all.filter((row) => {
          const canvas = row.querySelector('canvas');
          const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
          return [...data].some((value) => value !== 0);
        });
        document.documentElement.dataset['printed'] = `${all.length} rows, ${drawn.length} drawn`;
      });
    });
    await page.pdf();
    assert.equal(await page.evaluate(() => document.documentElement.dataset['printed']), '41 rows, 41 drawn');
    await until('the screen as before', async () => (await rows.count()) < 41);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).printColorAdjust), 'exact');
    visitor.assertClean();
  });

  test('keeps its order while pointer, focus or selection is in the table', async () => {
    await using visitor = await signedIn();
    const { page } = visitor;
    const rows = page.locator('tbody tr[data-target]');
    await rows.first().waitFor();
    const order = async (): Promise<string> =>
      (await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-target')))).join();
    const paused = rowOf(page, '127.0.1.3');
    const change = async (action: 'pause' | 'resume'): Promise<void> => {
      const { id } = (await call('GET', '/targets')).json.find((each: any) => each.ip === '127.0.1.3');
      await call('POST', `/targets/${id}/${action}`);
    };
    const leave = (): Promise<void> => page.mouse.move(2, 2);
    const before = await order();
    const elsewhere = (): Promise<void> => page.getByRole('searchbox').focus();
    for (const [enter, leaveAgain] of [
      [() => rows.first().hover(), leave],
      [() => page.getByRole('button', { name: 'Last', exact: true }).focus(), elsewhere],
      [
        () =>
          page
            .getByRole('checkbox', { name: /127\.0\.1\.9$/ })
            .check()
            .then(leave)
            .then(elsewhere),
        () => page.getByRole('button', { name: 'Clear the selection' }).click().then(leave).then(elsewhere),
      ],
    ] as const) {
      await enter();
      await change('pause');
      await page.locator('tr[data-target="127.0.1.3"][data-state=paused]').waitFor();
      assert.equal(await order(), before);
      await leaveAgain();
      await until('the order of the states', async () => (await order()) !== before);
      await change('resume');
      await until('the order as before', async () => (await paused.count()) === 1 && (await order()) === before);
    }
    visitor.assertClean();
  });

  test('restores filters and selection after Back', async () => {
    await using visitor = await signedIn();
    const { page } = visitor;
    const rows = page.locator('tbody tr[data-target]');
    await rows.first().waitFor();
    await page.getByRole('searchbox').fill('127.0.1.3');
    await until('its rows', async () => (await rows.count()) === 11);
    await page.getByRole('checkbox', { name: /127\.0\.1\.31$/ }).check();
    await page.getByRole('checkbox', { name: /127\.0\.1\.32$/ }).check();
    await until('the selection in the address', () => Promise.resolve(page.url().includes('sel=')));
    await rows.first().getByRole('link').click();
    await page.waitForURL(/\/app\/targets\//);
    await page.goBack();
    await page.getByText('2 selected').waitFor();
    assert.equal(await rows.count(), 11);
    assert.equal(await page.getByRole('searchbox').inputValue(), '127.0.1.3');
    visitor.assertClean();
  });

  test('says that a part of it could not be loaded, and reloads once after an upgrade', async () => {
    await using visitor = await signedIn();
    const { page } = visitor;
    visitor.expectError(/ERR_FAILED|could not be loaded/);
    await page.locator('tbody tr[data-target]').first().waitFor();
    let loads = 0;
    page.on('load', () => loads++);
    await page.route(/\/assets\/compare-screen/, (route) => route.abort());
    await page.getByRole('link', { name: 'Compare' }).click();
    await page.getByText('This part of the dashboard could not be loaded.').waitFor();
    assert.equal(loads, 0, 'the server has the same dashboard');
    await page.goBack();
    await page.locator('tbody tr[data-target]').first().waitFor();
    // The server has another one now.
    const body = (await (await fetch(dashboard.server.url)).text()).replace('"/assets/index-', '"/assets/other-');
    await page.route(`${dashboard.server.url}/`, (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.getByRole('link', { name: 'Compare' }).click();
    await until('the page again', () => Promise.resolve(loads === 1));
    await page.getByText('This part of the dashboard could not be loaded.').waitFor();
    assert.equal(loads, 1, 'once');
    visitor.assertClean();
  });

  test('says when the server is unavailable, keeps what it has, and recovers by itself', async () => {
    const { port } = new URL(dashboard.server.url);
    await call('POST', '/targets/many', { ips });
    await using visitor = await signedIn();
    const { page } = visitor;
    visitor.expectError(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
    await page.locator('[data-live=live]').waitFor();
    const rows = page.locator('tbody tr[data-target]');
    await rows.first().waitFor();
    const sentence = page.getByRole('heading', { level: 1 });
    const before = await sentence.textContent();
    await dashboard.server.stop();
    await page.getByText('Connection lost. Showing the last known data').waitFor();
    await assertAccessible(page);
    assert.equal(await sentence.textContent(), before);
    assert.ok((await rows.count()) > 10, 'what was there stays');
    await using _again = await startServer(dashboard.server.folder, { APP_PORT: port });
    await page.locator('[data-live=live]').waitFor({ timeout: 30_000 });
    await page.getByText('Showing the last known data').waitFor({ state: 'detached' });
    const last = page.locator('tbody [data-last]').first();
    const seen = new Set<string>();
    await until('results come again', async () => seen.add((await last.textContent()) ?? '').size >= 3);
    visitor.assertClean();
  }, 60_000);
});

/** How many pixels of a canvas are not empty. */
function drawnPixels(element: Element): number {
  if (!(element instanceof HTMLCanvasElement)) return 0;
  const data = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? [];
  return [...data].filter((value, index) => index % 4 === 3 && value !== 0).length;
}

/** Whether nothing that floats covers the focused element. */
function isFree(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const rect = document.activeElement?.getBoundingClientRect();
    const above = document.querySelector('header')?.getBoundingClientRect().bottom ?? 0;
    const beneath = document.querySelector('[role=toolbar]')?.getBoundingClientRect().top ?? innerHeight;
    return rect !== undefined && rect.height > 0 && rect.top >= above && rect.bottom <= beneath;
  });
}
