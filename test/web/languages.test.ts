import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Caller, logIn, until } from '../e2e/server.ts';
import { launchBrowser, signIn, startDashboard, visit } from './browser.ts';
import { walkEveryScreen } from './walk.ts';

let dashboard: Awaited<ReturnType<typeof startDashboard>>;
let call: Caller;
let id: number;
beforeAll(async () => {
  dashboard = await startDashboard();
  call = await logIn(dashboard.server.url);
  ({ id } = (await call('POST', '/targets', { ip: '127.0.6.1', frequency: 0.2 })).json);
  await call('POST', '/targets', { ip: '127.0.6.2', frequency: 0.2 });
}, 180_000);
afterAll(() => dashboard[Symbol.asyncDispose]());

/** How much of the chart's last tenth is in the colour of what was not probed. */
const absentPixels = `(() => {
  const canvas = document.querySelector('.pmd-chart canvas');
  const from = Math.floor(canvas.width * 0.9);
  const { data } = canvas.getContext('2d').getImageData(from, 0, canvas.width - from, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] === 0x7c && data[at + 1] === 0x3a && data[at + 2] === 0xed && data[at + 3] === 255) count++;
  }
  return count;
})()`;

describe('a browser that asks for an invalid language tag', () => {
  test.each([
    [['en-US@posix'], 'Sign in'],
    [['not a tag', 'fr-CA@posix'], 'Se connecter'],
    [['C'], 'Sign in'],
    [['fr_FR.UTF-8'], 'Se connecter'],
    [[], 'Sign in'],
  ])('%j gets a page in words, with valid language tags', async (languages, words) => {
    const context = await dashboard.browser.newContext({ baseURL: dashboard.server.url });
    const page = await context.newPage();
    await page.addInitScript((wanted) => {
      Object.defineProperty(navigator, 'languages', { configurable: true, get: () => wanted });
      Object.defineProperty(navigator, 'language', { configurable: true, get: () => wanted[0] ?? '' });
    }, languages);
    await page.goto('/');
    await page.getByRole('button', { name: words }).waitFor();
    const tags = await page.evaluate<string[]>('[navigator.language, ...navigator.languages]');
    assert.deepEqual(Intl.getCanonicalLocales(tags), [...new Set(tags)]);
    assert.ok(tags.length > 1);
    await context.close();
  });

  let posix: Browser;
  beforeAll(async () => {
    posix = await launchBrowser({ LANG: 'C', LC_ALL: 'C', LANGUAGE: '' });
  });
  afterAll(() => posix.close());

  test('because its system has the locale C gets every screen', async () => {
    await using visitor = await visit(posix, dashboard.server, { locale: undefined });
    await signIn(visitor.page);
    assert.deepEqual(await walkEveryScreen(visitor, dashboard.server, id), []);
    visitor.assertClean();
  });
});

test('a user name and password in the address break no screen', async () => {
  await using visitor = await visit(dashboard.browser, dashboard.server);
  const url = dashboard.server.url.replace('//', '//anna:secret@');
  await signIn(visitor.page, 'changeme', url);
  assert.equal(new URL(visitor.page.url()).username, 'anna');
  assert.deepEqual(await walkEveryScreen(visitor, { url }, id), []);
});

describe('a browser whose clock is wrong', () => {
  const minute = 60_000;
  test.each([
    ['3 s ahead', 3000, undefined],
    ['4 min behind', -4 * minute, undefined],
    ['10 min behind', -10 * minute, /^The clock of this device is 10m behind the server’s\./],
    ['a day ahead', 1440 * minute, /^The clock of this device is 1d ahead of the server’s\./],
  ] as const)('%s shows the same as a correct one', async (_, ahead, notice) => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await page.addInitScript(`{
      const Right = Date;
      globalThis.Date = class extends Right {
        constructor(...given) { super(...(given.length === 0 ? [Right.now() + ${ahead}] : given)); }
        static now() { return Right.now() + ${ahead}; }
      };
    }`);
    await signIn(page);
    // How long a target has been in its state grows with the server's clock.
    const since = page.locator('tbody tr[data-target] td:last-child').first();
    await until('a state that lasts', async () => /[1-9]/.test(await since.innerText()));
    const { json } = await call('GET', '/fleet');
    const lasts = (Date.parse(json.time) - Date.parse(json.targets[0].state_since)) / minute;
    const text = await since.innerText();
    const shown = Number(/(\d+)m/.exec(text)?.[1] ?? 0) + Number(/(\d+)s/.exec(text)?.[1] ?? 0) / 60;
    assert.ok(Math.abs(shown - lasts) < 0.25, `${text}, and it is ${lasts} minutes`);

    await page.goto(`/app/targets/${id}?range=15m`);
    await until(
      'figures',
      async () => Number((await page.locator('[data-card=samples]').innerText()).replace(',', '')) > 5,
    );
    const from = (await page.getByTestId('exact-range').innerText()).split('–')[0] ?? '';
    assert.ok(Math.abs(Date.parse(`${from.trim()} UTC`) - (Date.now() - 15 * minute)) < 10_000, from);
    // The newest results are where the chart ends, and what follows them is not called absent.
    const chart = page.getByRole('application');
    const box = await chart.boundingBox();
    assert.ok(box !== null);
    const readout = page.getByTestId('readout');
    await until('a reply in the last seconds', async () => {
      await page.mouse.move(box.x + box.width - 14 - 8, box.y + 100);
      return /p50 \d/.test(await readout.innerText());
    });
    assert.equal(await page.evaluate(absentPixels), 0);
    const clock = page.locator('[data-clock]');
    if (notice === undefined) assert.equal(await clock.count(), 0);
    else assert.match(await clock.innerText(), notice);
    visitor.assertClean();
  });
});
