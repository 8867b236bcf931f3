import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Caller, logIn, until } from '../e2e/server.ts';
import { type Visit, signIn, startDashboard, visit } from './browser.ts';

describe('the whole journey', () => {
  let dashboard: Awaited<ReturnType<typeof startDashboard>>;
  let call: Caller;
  beforeAll(async () => {
    dashboard = await startDashboard();
    call = await logIn(dashboard.server.url);
  });
  afterAll(() => dashboard[Symbol.asyncDispose]());

  const open = (options: Parameters<typeof visit>[2] = {}): Promise<Visit> =>
    visit(dashboard.browser, dashboard.server, options);

  test('from signing in to signing out, like an engineer’s first day', async () => {
    await using visitor = await open();
    const { page } = visitor;
    await signIn(page);

    await page.getByRole('link', { name: 'Add targets' }).first().click();
    await page.getByLabel('Addresses', { exact: true }).fill('127.0.20.1-2');
    await page.getByLabel('Seconds between probes').fill('0.2');
    await page.getByRole('button', { name: 'Start probing 2 targets' }).click();
    await page.locator('[data-added="127.0.20.1"] [data-last]', { hasText: 'ms' }).waitFor();

    await page.getByRole('link', { name: '127.0.20.1', exact: true }).click();
    await page.locator('[data-now=up]').waitFor();
    const samples = async (): Promise<number> => Number(await page.locator('[data-card=samples]').innerText());
    await until('figures', async () => (await samples()) > 0);
    const before = await samples();
    await until('results as they arrive', async () => (await samples()) > before);

    const box = await page.getByRole('application').boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + box.width / 2, box.y + 100);
    await page.mouse.wheel(0, -300);
    await until('the zoom', () => Promise.resolve(new URL(page.url()).searchParams.has('to')));

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('[data-now=paused]').waitFor();
    await page.getByRole('link', { name: 'Path' }).click();
    await page.getByRole('button', { name: 'Trace now' }).click();
    await page.getByRole('list', { name: 'Earlier traces' }).getByRole('listitem').waitFor();

    await page.getByRole('link', { name: 'Add', exact: true }).click();
    await page.getByRole('tab', { name: 'CSV file' }).click();
    const buffer = Buffer.from('ip,frequency\n127.0.20.3,1\nno-address,1\n');
    await page.locator('input[type=file]').setInputFiles({ name: 'more.csv', mimeType: 'text/csv', buffer });
    await page.getByText('2 rows · 1 new · 0 already monitored · 1 invalid row').waitFor();
    await page.getByRole('button', { name: 'Start probing 1 target' }).click();
    await page.getByText('2 rows · 1 created · 0 already monitored · 1 invalid row').waitFor();

    await page.getByRole('link', { name: 'Compare' }).click();
    await page.getByRole('button', { name: 'Choose targets' }).click();
    for (const ip of ['127.0.20.1', '127.0.20.2']) await page.getByRole('checkbox', { name: ip }).check();
    await page.keyboard.press('Escape');
    await page.getByRole('application', { name: /Median round trips/ }).waitFor();

    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByLabel('Language').selectOption('fr');
    await page.getByRole('heading', { level: 1, name: 'Réglages' }).waitFor();
    await page.getByRole('button', { name: 'Votre menu' }).click();
    await page.getByRole('menuitem', { name: 'Se déconnecter', exact: true }).click();
    await page.getByRole('button', { name: 'Se connecter' }).waitFor();
    visitor.assertClean();
  });

  test('by keyboard alone, on every screen', async () => {
    await using visitor = await open({ colorScheme: 'light' });
    const { page } = visitor;
    const { keyboard } = page;
    await page.goto('/');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await keyboard.type('admin');
    await keyboard.press('Tab');
    await keyboard.type('changeme');
    await keyboard.press('Enter');
    const rows = page.locator('tbody tr[data-target]');
    await rows.first().waitFor();

    await keyboard.press('/');
    await keyboard.type('127.0.20.2');
    await until('one row', async () => (await rows.count()) === 1);
    await keyboard.press('Escape');
    await keyboard.press('j');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: '127.0.20.2' }).waitFor();

    await tabTo(page, '[role=application]');
    await keyboard.press('ArrowUp');
    await until('the zoom', () => Promise.resolve(/range=|from=/.test(page.url())));
    await keyboard.press(',');
    await page.getByTestId('readout').locator('.font-medium').waitFor();
    await tabTo(page, '[role=slider]');
    await tabTo(page, 'a[href$="/path"]');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Path to 127.0.20.2' }).waitFor();
    await tabTo(page, 'button', 'Trace now');
    await keyboard.press('Enter');
    await page.getByRole('list', { name: 'Earlier traces' }).getByRole('listitem').waitFor();

    await keyboard.press('g');
    await keyboard.press('c');
    await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor();
    await tabTo(page, 'button', 'Choose targets');
    await keyboard.press('Enter');
    for (let chosen = 0; chosen < 2; chosen++) {
      await tabTo(page, 'input[type=checkbox]');
      await keyboard.press('Space');
    }
    await keyboard.press('Escape');
    await page.getByRole('application', { name: /Median round trips/ }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });

    await keyboard.press('g');
    await keyboard.press('a');
    await page.getByRole('heading', { level: 1, name: 'Add targets' }).waitFor();
    await tabTo(page, 'textarea');
    await keyboard.type('127.0.20.9');
    await page.getByRole('button', { name: 'Start probing 1 target' }).first().waitFor();
    await tabTo(page, 'button[type=submit]');
    await keyboard.press('Enter');
    await page.locator('[data-added="127.0.20.9"]').waitFor();
    assert.ok((await call('GET', '/targets')).json.some(({ ip }: { ip: string }) => ip === '127.0.20.9'));

    await keyboard.press('g');
    await keyboard.press('s');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await page.getByRole('rowheader', { name: /^Raw results/ }).waitFor();
    await tabTo(page, 'select');
    await tabTo(page, 'select');
    await keyboard.type('Dark');
    await until('the dark theme', () => page.evaluate(() => document.documentElement.classList.contains('dark')));
    await tabTo(page, 'button[aria-haspopup=menu]');
    await keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).waitFor();
    await keyboard.press('End');
    await until('the last item', () => hasFocus(page, '[role=menuitem]', 'Sign out everywhere'));
    await keyboard.press('ArrowUp');
    await until('the one above', async () => !(await hasFocus(page, '[role=menuitem]', 'Sign out everywhere')));
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    visitor.assertClean();
  });

  test('a target prints as a report of few pages, on white paper also from the dark theme', async () => {
    await call('POST', '/seed', { targets: 1, years: 0.02, interval_seconds: 60, loss_rate: 0.01, seed: 3 });
    const { id } = (await call('GET', '/targets')).json.find((each: { is_synthetic: boolean }) => each.is_synthetic);
    await using visitor = await open({ colorScheme: 'dark' });
    const { page } = visitor;
    await signIn(page);
    await page.goto(`/app/targets/${id}?range=7d`);
    await page.getByText(/One point for every/).waitFor();
    await until('no busy part', async () => (await page.locator('.animate-pulse').count()) === 0);
    const pdf = (await page.pdf({ format: 'A4', printBackground: true })).toString('latin1');
    const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    assert.ok(pages >= 1 && pages <= 4, `${pages} pages`);
    await page.emulateMedia({ media: 'print' });
    for (const name of ['Pause', 'Delete', 'Your menu']) {
      assert.equal(await page.getByRole('button', { name }).count(), 0, `${name} is of no use on paper`);
    }
    const [paper, heat] = await page.evaluate(() => [
      getComputedStyle(document.body).backgroundColor,
      getComputedStyle(document.documentElement).getPropertyValue('--chart-heat-low'),
    ]);
    assert.deepEqual([paper, heat], ['rgb(255, 255, 255)', '#eff6ff'], 'the light theme');
    for (const name of ['Round trips and loss', 'Outages', 'Hours of the week', 'Distribution', 'Event log']) {
      await page.getByRole('heading', { name: new RegExp(`^${name}`) }).waitFor();
    }
    assert.ok(await page.locator('.pmd-chart canvas').isVisible());
    const hidden = await page
      .getByRole('list', { name: 'Event log' })
      .evaluate((list) => list.scrollHeight - list.clientHeight);
    assert.ok(hidden <= 1, 'paper cannot be scrolled');
    visitor.assertClean();
  });
});

/** Presses Tab until the focus is on a match; everything must be reachable in this way. */
async function tabTo(page: Page, selector: string, text = ''): Promise<void> {
  for (let step = 0; step < 120; step++) {
    await page.keyboard.press('Tab');
    if (await hasFocus(page, selector, text)) return;
  }
  throw new Error(`Tab does not lead to ${selector} ${text}`);
}

function hasFocus(page: Page, selector: string, text: string): Promise<boolean> {
  return page.evaluate(
    ([wanted = '', words = '']) =>
      document.activeElement?.matches(wanted) === true && document.activeElement.textContent.includes(words),
    [selector, text],
  );
}
