import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Caller, logIn, until } from '../e2e/server.ts';
import { assertAccessible, signIn, startDashboard, visit } from './browser.ts';
import { seenColors } from './seen-colors.ts';
import { languages } from '../../src/web/i18n/languages.ts';
import { untranslated } from './untranslated.ts';

type Dashboard = Awaited<ReturnType<typeof startDashboard>>;

let dashboard: Dashboard;
let call: Caller;
let first: number;
let second: number;
let seeded: number;

beforeAll(async () => {
  dashboard = await startDashboard();
  call = await logIn(dashboard.server.url);
  const add = async (ip: string): Promise<number> =>
    (await call('POST', '/targets', { ip, frequency: 0.2, notes: `notes of ${ip}` })).json.id;
  [first, second] = [await add('127.0.9.1'), await add('127.0.9.2')];
  await call('POST', '/seed', { targets: 1, years: 2, interval_seconds: 60, loss_rate: 0.01, seed: 7, reset: false });
  seeded = (await call('GET', '/targets')).json.find((each: { is_synthetic: boolean }) => each.is_synthetic).id;
  // The dashboard may have to be built first, and two years take their time on a busy machine.
}, 180_000);
afterAll(() => dashboard[Symbol.asyncDispose]());

const card = (page: Page, name: string): Promise<string> => page.locator(`[data-card=${name}]`).innerText();
const chart = (page: Page) => page.getByRole('application');

/** How many pixels of the chart's canvas are not empty. */
function drawnPixels(page: Page): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('.pmd-chart canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, index) => index % 4 === 3 && value !== 0).length;
  })()`);
}

/** How many pixels of the chart have exactly a colour. */
const stripPixels = (color: string): string => `(() => {
  const canvas = document.querySelector('.pmd-chart canvas');
  if (canvas === null) return 0;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt('${color}'.slice(at, at + 2), 16));
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) count++;
  }
  return count;
})()`;

describe('a target', () => {
  test('shows results as they arrive, without a reload', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await signIn(page);
    await page.locator('[data-live=live]').waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url().slice(dashboard.server.url.length)));
    await page.goto(`/app/targets/${first}?range=15m`);
    await until('figures', async () => Number(await card(page, 'samples')) > 0);
    const before = Number(await card(page, 'samples'));
    await until('more results', async () => Number(await card(page, 'samples')) > before + 5);
    await page.getByText('every 0.2s').waitFor();
    assert.equal(await card(page, 'loss'), '0 %');
    assert.match(await page.getByTestId('resolution').innerText(), /all raw results; all figures are exact/);
    // Nothing about any other target is downloaded for it, nor for its path.
    await page.getByRole('link', { name: 'Path' }).click();
    await page.getByRole('heading', { name: /Path to/ }).waitFor();
    await page.reload();
    await page.locator('[data-live=live]').waitFor();
    const streams = asked.filter((path) => path.startsWith('/stream'));
    assert.deepEqual([...new Set(streams)], [`/stream?targets=${first}`]);
    assert.deepEqual(
      asked.filter((path) => path === '/fleet' || path === '/targets'),
      [],
    );
    visitor.assertClean();
  });

  test('repeats the request for its figures, each after the answer to the one before', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    let [open, most, asked] = [0, 0, 0];
    await page.route(/insights.*histogram/, async (route) => {
      asked += 1;
      most = Math.max(most, ++open);
      const answer = await route.fetch();
      open -= 1;
      await route.fulfill({ response: answer });
    });
    await signIn(page);
    await page.goto(`/app/targets/${first}?range=15m`);
    await until('several questions', () => Promise.resolve(asked >= 4));
    assert.equal(most, 1);
    await page.unrouteAll({ behavior: 'wait' });
    visitor.assertClean();
  });

  test('has charts that follow the window when it becomes narrower', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server, { width: 1440 });
    const { page } = visitor;
    await signIn(page);
    await page.goto(`/app/targets/${seeded}?range=7d`);
    await page.locator('.pmd-chart canvas').waitFor();
    await page.setViewportSize({ width: 500, height: 800 });
    await until(
      'the narrow chart',
      async () => ((await page.locator('.pmd-chart canvas').boundingBox())?.width ?? 0) < 500,
    );
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 500);
    visitor.assertClean();
  });

  test('shows unexpected replies, if there were any', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    const panel = page.getByRole('heading', { name: 'Anomalies' });
    await signIn(page);
    const [answer] = await Promise.all([
      page.waitForResponse(/\/counters$/),
      page.goto(`/app/targets/${first}?range=15m`),
    ]);
    await until('figures', async () => Number(await card(page, 'samples')) > 0);
    assert.equal(await panel.count(), 0, 'nothing did');
    // Loopback neither forges nor doubles: the server's own answer, as if it had.
    const counts = { ...((await answer.json()) as object), replies_duplicate: 1200, icmp_errors: 3 };
    await page.route(/\/counters$/, (route) => route.fulfill({ json: counts }));
    await page.reload();
    await panel.waitFor();
    assert.deepEqual(await page.locator('[data-counter]').allInnerTexts(), ['1,200', '3']);
    await assertAccessible(page);
    visitor.assertClean();
  });

  test('is zoomed by drag, wheel and keys, and its address follows', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await signIn(page);
    await page.goto(`/app/targets/${seeded}?range=30d`);
    await until('figures', async () => /\d/.test(await card(page, 'p50')));
    const box = await chart(page).boundingBox();
    assert.ok(box !== null);
    const [left, right, middle] = [box.x + box.width * 0.4, box.x + box.width * 0.6, box.y + box.height * 0.4];
    await page.mouse.move(left, middle);
    await page.mouse.down();
    await page.mouse.move(right, middle, { steps: 5 });
    await page.mouse.up();
    const spanOf = (url: string): number => {
      const { searchParams } = new URL(url);
      return Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '');
    };
    const day = 86_400_000;
    await until('the zoom in the address', async () => Math.abs(spanOf(page.url()) - 6.3 * day) < day);
    assert.equal(await page.getByRole('button', { name: 'Go live' }).count(), 1);

    const dragged = spanOf(page.url());
    await page.mouse.wheel(0, -400);
    await until('the wheel', async () => spanOf(page.url()) < dragged * 0.7);
    const wheeled = spanOf(page.url());
    await chart(page).focus();
    await page.keyboard.press('ArrowDown');
    await until('the key', async () => spanOf(page.url()) > wheeled * 1.5);
    await page.keyboard.press('End');
    await until('the end', async () => new URL(page.url()).searchParams.has('range'));

    // Back undoes one step of it after the other.
    await page.goBack();
    await until('before the end', async () => spanOf(page.url()) > wheeled * 1.5);
    await page.goBack();
    await until('before the key', async () => Math.abs(spanOf(page.url()) - wheeled) < 1000);
    await until('its chart', async () => (await page.getByRole('button', { name: 'Go live' }).count()) === 1);
    await page.goto(`/app/targets/${seeded}?from=2026-01-01T00:00:00.000Z&to=2026-01-08T00:00:00.000Z`);
    await until('the shared range', async () => (await page.getByTestId('exact-range').innerText()).includes('Jan 8'));
    await until('its figures', async () => (await card(page, 'samples')) === '10,080');
    visitor.assertClean();
  });

  test('has its figures under the pointer and as a table', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await signIn(page);
    await page.goto(`/app/targets/${seeded}?range=90d`);
    await until('a drawing', async () => (await page.getByText(/One point for every/).count()) > 0);
    const pixels = await drawnPixels(page);
    assert.ok(pixels > 10_000, `${pixels} pixels are drawn`);
    await chart(page).hover();
    await until('the readout', async () => /p50 [\d.,]+ ms/.test(await page.getByTestId('readout').innerText()));
    await page.getByRole('button', { name: 'Table' }).first().click();
    const table = page.getByRole('table', { name: /Round trips and loss of/ });
    assert.ok((await table.getByRole('row').count()) > 10);
    // The other charts of the screen: the distribution, and the heat map, which is a table itself.
    await page.getByRole('button', { name: 'Table', exact: true }).last().click();
    const distribution = page.getByRole('table', { name: /Distribution of round trips/ });
    assert.ok((await distribution.getByRole('row').count()) > 5);
    assert.equal(await page.getByRole('table', { name: 'By hour and weekday' }).getByRole('row').count(), 8);
    await page.goto(`/app/compare?ids=${first},${seeded}&range=7d`);
    await page.getByRole('application', { name: /Median round trips/ }).waitFor();
    await page.getByRole('button', { name: 'Table' }).click();
    const compared = page.getByRole('table', { name: /Median round trips/ });
    await until('rows of the comparison', async () => (await compared.getByRole('row').count()) > 10);
    // The address keeps what is shown, and how.
    await page.getByRole('button', { name: 'Linear' }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await page.goBack();
    await until('the table again', async () => (await compared.getByRole('row').count()) > 10);
    assert.equal(await page.getByRole('button', { name: 'Linear' }).getAttribute('aria-pressed'), 'true');
    await page.goto(`/app/targets/${seeded}?range=90d&form=table&histogram=table&scale=log&heat=loss`);
    await table.waitFor();
    await distribution.waitFor();
    for (const name of ['Logarithmic', 'Loss'])
      await page.getByRole('button', { name, exact: true, pressed: true }).waitFor();
    visitor.assertClean();
  });

  test('that is probed once a minute has no gaps at a quarter of an hour, and its single losses are not outages', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    // The test itself looks at the canvas more than once.
    visitor.expectError(/Multiple readback operations/);
    await signIn(page);
    // Around a loss that is no part of an outage.
    const [start, end] = [4, 2].map((days) => new Date(Date.now() - days * 86_400_000).toISOString());
    const { json } = await call('GET', `/targets/${seeded}/insights?start=${start}&end=${end}&bucket_seconds=60`);
    const minutes: { bucket: string; loss_rate: number }[] = json.timeline;
    const isLost = (index: number): boolean => minutes[index]?.loss_rate === 1;
    const index = minutes.findIndex((_, at) => at > 20 && isLost(at) && ![-2, -1, 1, 2].some((by) => isLost(at + by)));
    const lostAt = Date.parse(minutes[index]?.bucket ?? '');
    const [from, to] = [-7, 8].map((by) => new Date(lostAt + by * 60_000).toISOString());
    await page.goto(`/app/targets/${seeded}?from=${from}&to=${to}`);
    await page.getByText('One point for every 1m').waitFor();
    await chart(page).focus();
    const readout = page.getByTestId('readout');
    const texts: string[] = [];
    for (let step = 0; step < 147; step++) {
      await page.keyboard.press(step < 49 ? ',' : '.');
      texts.push(await readout.innerText());
    }
    assert.deepEqual(
      texts.filter((text) => !text.includes('Samples')),
      [],
    );
    assert.ok(texts.some((text) => text.includes('100 %')));
    // The colour of what was all lost, and of a loss.
    assert.deepEqual(await page.evaluate(stripPixels('#7f1d1d')), 0);
    assert.ok((await page.evaluate<number>(stripPixels('#dc2626'))) > 0);
    const outage = (await call('GET', `/targets/${seeded}/outages?start=1970-01-01T00:00:00Z`)).json.outages.find(
      (each: { start: string; duration_seconds: number }) =>
        each.duration_seconds > 600 && Date.parse(each.start) > Date.now() - 60 * 86_400_000,
    );
    assert.ok(outage !== undefined, 'a long outage');
    const middle = (Date.parse(outage.start) + Date.parse(outage.end)) / 2;
    const [first, last] = [-1, 1].map((by) => new Date(middle + by * 60_000).toISOString());
    await page.goto(`/app/targets/${seeded}?from=${first}&to=${last}`);
    await until('what is all lost', async () => (await page.evaluate<number>(stripPixels('#7f1d1d'))) > 0);
    assert.equal(await page.evaluate(stripPixels('#dc2626')), 0);
    visitor.assertClean();
  });

  test('is legible with Windows’ forced colours', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await page.emulateMedia({ forcedColors: 'active' });
    await signIn(page);
    await page.goto(`/app/targets/${seeded}?range=7d`);
    const swatches = page.getByRole('list', { name: 'Legend' }).locator('span[aria-hidden]');
    await swatches.first().waitFor();
    const grounds = await swatches.evaluateAll((all) =>
      all.map((each) => `${getComputedStyle(each).backgroundColor} ${getComputedStyle(each).backgroundImage}`),
    );
    assert.equal(new Set(grounds).size, grounds.length, 'no two look the same');
    const groundOf = (name: string): Promise<string> =>
      page.getByRole('button', { name, exact: true }).evaluate((button) => getComputedStyle(button).backgroundColor);
    assert.notEqual(await groundOf('7 d'), await groundOf('30 d'));
    visitor.assertClean();
  });

  test('has a table that pages to older buckets and back to newer ones', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await signIn(page);
    await page.goto(`/app/targets/${seeded}?from=2026-02-01T00:00:00Z&to=2026-02-03T00:00:00Z`);
    await page.getByRole('button', { name: 'Table' }).first().click();
    const table = page.getByRole('table', { name: /Round trips and loss of/ });
    const firstTime = async (): Promise<number> => Date.parse(await table.locator('tbody td').first().innerText());
    const panel = page.locator('section', { has: table });
    await until('rows', async () => !Number.isNaN(await firstTime()));
    const newest = await firstTime();
    await panel.getByRole('button', { name: 'Older' }).click();
    await until('older rows', async () => (await firstTime()) < newest);
    await panel.getByRole('button', { name: 'Newer' }).click();
    // Finer buckets may have come meanwhile.
    await until('the newest rows again', async () => (await firstTime()) >= newest);
    visitor.assertClean();
  });

  test('is shown from a preset, an exact range, the overview, and an outage of the list', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await signIn(page);
    await page.goto(`/app/targets/${seeded}`);
    await page.getByRole('button', { name: '90 d', exact: true }).click();
    await until('the preset', async () => new URL(page.url()).searchParams.get('range') === '90d');

    await page.getByRole('group', { name: /Selection: move with the arrow keys/ }).press('ArrowLeft');
    await until('the brush', async () => new URL(page.url()).searchParams.has('to'));

    await page.getByTestId('exact-range').click();
    await page.getByLabel('From', { exact: true }).fill('2026-02-03T00:00:00');
    await page.getByLabel('To', { exact: true }).fill('2026-02-02T00:00:00');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('The end must be later than the start.').waitFor();
    await page.getByLabel('To', { exact: true }).fill('2026-02-10T00:00:00');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await until('the exact range', async () => page.url().includes('from=2026-02-03T00%3A00%3A00'));

    const outages = page.getByRole('table', { name: 'Outages' }).getByRole('button');
    await page.goto(`/app/targets/${seeded}?range=90d`);
    const time = await outages.first().innerText();
    await outages.first().click();
    const { json } = await call('GET', `/targets/${seeded}/outages?start=1970-01-01T00:00:00Z`);
    const [start, end] = [Date.parse(json.outages[0].start), Date.parse(json.outages[0].end)];
    await until('the outage and what was around it', async () => {
      const { searchParams } = new URL(page.url());
      const [from, to] = ['from', 'to'].map((name) => Date.parse(searchParams.get(name) ?? '')) as [number, number];
      return from < start && to > end && to - from < 3 * Math.max(60_000, end - start);
    });
    assert.match(await page.getByRole('table', { name: 'Outages' }).innerText(), new RegExp(time));
    visitor.assertClean();
  });

  test('has its raw results page by page, and the selection as a file', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await signIn(page);
    await page.goto(`/app/targets/${seeded}?range=24h`);
    const times = page.getByRole('table', { name: 'Raw results' }).locator('tbody tr td:first-child');
    await until('ten results', async () => (await times.count()) === 10);
    const newest = await times.allInnerTexts();
    await page.getByRole('button', { name: 'Older' }).click();
    await until('older ones', async () => (await times.allInnerTexts()).every((time) => !newest.includes(time)));
    assert.equal(await times.count(), 10);
    await page.getByRole('button', { name: 'Newer' }).click();
    await until('the newest again', async () => (await times.first().innerText()) === newest[0]);

    await page.getByRole('button', { name: 'Export the selection' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'CSV' }).click(),
    ]);
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\n');
    assert.equal(lines[0]?.trim(), 'time,target_id,target_ip,latency_ms,hops,packet_loss,interval_seconds');
    assert.ok(Math.abs(lines.length - 1441) <= 2, `${lines.length} lines of a day of minutes`);
    visitor.assertClean();
  });

  test('is paused and resumed, which its log shows', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await signIn(page);
    await page.goto(`/app/targets/${second}`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    assert.equal((await call('GET', `/targets/${second}`)).json.is_active, false);
    await page.getByRole('list', { name: 'Event log' }).getByText('Paused').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    assert.equal((await call('GET', `/targets/${second}`)).json.is_active, true);
    // A long log comes page by page.
    for (let turn = 0; turn < 60; turn++) await call('PATCH', `/targets/${second}`, { notes: `turn ${turn}` });
    const entries = page.getByRole('list', { name: 'Event log' }).getByRole('listitem');
    await until('the newest entries', async () => (await entries.count()) === 50);
    await page.getByRole('button', { name: 'Show earlier ones' }).click();
    await until('earlier entries', async () => (await entries.count()) > 60);
    await call('PATCH', `/targets/${second}`, { notes: null });
    visitor.assertClean();
  });

  test('is edited; what the server rejects is reported at its field', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    visitor.expectError(/422/);
    await signIn(page);
    await page.goto(`/app/targets/${second}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Link to its interface').fill('ftp://nowhere');
    await page.getByLabel('Notes').fill('on the roof');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').locator('[aria-invalid=true][name=url]').waitFor();
    await page.getByLabel('Link to its interface').fill('https://example.net/');
    await page.getByLabel('Tags').fill('Roof, antenna');
    await page.getByLabel('Bytes').fill('1473');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('From 0 to 1,472.').waitFor();
    await page.getByLabel('Bytes').fill('1400');
    await page.getByLabel('DSCP').fill('46');
    await page.getByLabel('Do not fragment').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const { json } = await call('GET', `/targets/${second}`);
    assert.deepEqual([json.notes, json.url, json.tags], ['on the roof', 'https://example.net/', ['antenna', 'roof']]);
    assert.deepEqual([json.packet_size, json.dscp, json.ttl, json.dont_fragment], [1400, 46, null, true]);
    await page.getByText('1,400 bytes · DSCP 46 · never fragmented').waitFor();
    await page.getByRole('link', { name: 'antenna' }).click();
    await until('the fleet of that tag', async () => (await page.locator('tbody tr').count()) === 1);
    assert.match(page.url(), /tag=/);
    visitor.assertClean();
  });

  test('shows its name and port, and can get others', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    visitor.expectError(/422/);
    const { id } = (await call('POST', '/targets', { ip: '127.0.9.8', frequency: 3600 })).json;
    await signIn(page);
    await page.goto(`/app/targets/${id}`);
    await page.getByRole('heading', { name: '127.0.9.8', level: 1 }).waitFor();
    const edit = async (): Promise<void> => page.getByRole('button', { name: 'Edit' }).click();
    const save = async (): Promise<void> => page.getByRole('button', { name: 'Save' }).click();
    const closed = async (): Promise<void> => page.getByRole('dialog').waitFor({ state: 'detached' });
    await edit();
    await page.getByLabel('Kind of probe').selectOption('tcp');
    await page.getByLabel('Port').fill('0');
    await save();
    await page.getByRole('dialog').locator('[aria-invalid=true][name=port]').waitFor();
    await page.getByLabel('Port').fill('9');
    await page.getByLabel('Host name').fill('localhost');
    await page.getByLabel('Addresses of the name').selectOption('ipv4');
    await assertAccessible(page);
    await save();
    await closed();
    await page.getByRole('heading', { name: 'localhost tcp/9', level: 1 }).waitFor();
    await page.getByText('127.0.0.1 · TCP connection, port 9').waitFor();
    await page
      .getByRole('list', { name: 'Event log' })
      .getByText(/host: – → localhost/)
      .waitFor();
    await edit();
    await page.getByLabel('Host name').fill('');
    await page.getByLabel('Kind of probe').selectOption('icmp');
    await save();
    await closed();
    const { json } = await call('GET', `/targets/${id}`);
    assert.deepEqual([json.ip, json.host, json.family, json.probe, json.port], ['127.0.0.1', null, null, 'icmp', null]);
    await call('DELETE', `/targets/${id}`);
    visitor.assertClean();
  });

  test('is deleted after a confirmation, and restored by undo', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    const { id } = (await call('POST', '/targets', { ip: '127.0.9.7', frequency: 3600 })).json;
    await call('PATCH', `/targets/${id}`, { tags: ['roof'] });
    await call('POST', `/targets/${id}/pause`);
    await signIn(page);
    await page.goto(`/app/targets/${id}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForURL(`**/app/targets/${id}`);
    const { json } = await call('GET', `/targets/${id}`);
    assert.deepEqual([json.tags, json.is_active], [['roof'], false], 'as it was');
    visitor.assertClean();
  });

  test('turns read-only in every open tab when it is deleted elsewhere, and editable again when it is restored', async () => {
    await using here = await visit(dashboard.browser, dashboard.server);
    await using path = await visit(dashboard.browser, dashboard.server);
    const { page } = here;
    const { id } = (await call('POST', '/targets', { ip: '127.0.9.8', frequency: 0.2, notes: 'attic' })).json;
    await signIn(page);
    await page.goto(`/app/targets/${id}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').waitFor();
    await signIn(path.page);
    await path.page.goto(`/app/targets/${id}/path`);
    await path.page.getByRole('button', { name: 'Trace now' }).waitFor();
    await path.page.locator('[data-live=live]').waitFor();
    const marker = 'globalThis.isSamePage = true';
    await page.evaluate(marker);
    await path.page.evaluate(marker);

    await call('DELETE', `/targets/${id}`);
    for (const tab of [page, path.page]) {
      await tab
        .locator('[data-deleted]')
        .getByText(/^Deleted on .+ by admin\. Its history is kept/)
        .waitFor();
      assert.equal(await tab.getByRole('button', { name: /^(Pause|Resume|Edit|Delete|Trace now)$/ }).count(), 0);
      assert.equal(await tab.getByRole('dialog').count(), 0);
    }
    await page.getByRole('heading', { level: 1, name: '127.0.9.8' }).waitFor();
    await page.getByRole('list', { name: 'Event log' }).getByText('Deleted').waitFor();

    await path.page.getByRole('button', { name: 'Restore' }).click();
    for (const tab of [page, path.page]) {
      await tab.locator('[data-deleted]').waitFor({ state: 'detached' });
      await tab.getByRole('button', { name: /^(Pause|Trace now)$/ }).waitFor();
      assert.equal(await tab.evaluate('globalThis.isSamePage'), true, 'without a reload');
    }
    await page.locator('[data-last]').waitFor();

    // What is erased is gone, in a tab that is open too.
    here.expectError(/404/);
    await call('DELETE', `/targets/${id}?purge=true`);
    await page.getByText('Page not found').waitFor();
    here.assertClean();
  });

  test('that was deleted is listed, shown and restored', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    const { id } = (await call('POST', '/targets', { ip: '127.0.9.9', frequency: 3600 })).json;
    await call('DELETE', `/targets/${id}`);
    await signIn(page);
    await page.goto('/app/settings/deleted');
    const entry = page.locator(`[data-deleted-target="${id}"]`);
    await entry.getByRole('link', { name: '127.0.9.9' }).click();
    await page.waitForURL(`**/app/targets/${id}`);
    await page.locator('[data-deleted]').waitFor();
    await page.reload();
    await page.locator('[data-deleted]').waitFor();
    await page.goBack();
    await entry.getByRole('button', { name: 'Restore 127.0.9.9' }).click();
    await entry.waitFor({ state: 'detached' });
    assert.equal((await call('GET', `/targets/${id}`)).status, 200);
    await call('DELETE', `/targets/${id}?purge=true`);
    visitor.assertClean();
  });

  test('that does not exist is reported as such', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    visitor.expectError(/404|422/);
    await signIn(visitor.page);
    for (const path of ['/app/targets/4711', '/app/targets/4711/path', '/app/targets/none']) {
      await visitor.page.goto(path);
      await visitor.page.getByText('Page not found').waitFor();
    }
    await visitor.page.getByRole('link', { name: 'To the fleet', exact: true }).click();
    await visitor.page.waitForURL('**/');
    assert.equal(new URL(visitor.page.url()).pathname, '/');
    visitor.assertClean();
  });
});

test('a trace shows its hops and is listed among the earlier ones', async () => {
  await using visitor = await visit(dashboard.browser, dashboard.server);
  const { page } = visitor;
  await signIn(page);
  await page.goto(`/app/targets/${first}/path`);
  for (const count of [1, 2]) {
    await page.getByRole('button', { name: 'Trace now' }).click();
    await page.getByRole('table', { name: 'Tracing …' }).getByText('127.0.9.1').first().waitFor();
    const earlier = page.getByRole('list', { name: 'Earlier traces' }).getByRole('listitem');
    await until(`trace ${count} kept`, async () => (await earlier.count()) === count);
  }
  await page.getByRole('table', { name: 'Route differences' }).getByText('Same').waitFor();
  visitor.assertClean();
});

test('two targets are compared on one axis, and one with its previous week', async () => {
  await using visitor = await visit(dashboard.browser, dashboard.server);
  const { page } = visitor;
  await signIn(page);
  await page.goto('/app/compare');
  await page.getByText('Nothing to compare yet').waitFor();
  await page.getByRole('button', { name: 'Choose targets' }).click();
  await page.getByRole('checkbox', { name: '127.0.9.1' }).check();
  await page.getByRole('checkbox', { name: '127.0.9.2' }).check();
  await page.keyboard.press('Escape');
  const figures = page.getByRole('table', { name: 'Figures of the selection' });
  await until('figures of both', async () => (await figures.getByText(/ms$/).count()) >= 8);
  assert.equal(new URL(page.url()).searchParams.get('ids'), `${first},${second}`);
  await page.goto(`/app/compare?ids=${seeded}&weeks=1&range=7d`);
  await figures.getByText('a week before').waitFor();
  await until('figures of both weeks', async () => (await figures.getByText(/ms$/).count()) >= 8);
  // Nothing is left out without a word: not what is deleted, nor what there is no line for.
  const many = Array.from({ length: 8 }, (_, index) => `127.0.9.${index + 101}`);
  const { json } = await call('POST', '/targets/many', { ips: many, tags: ['attic'], frequency: 60 });
  const ids = json.results.map((each: { id: number }) => each.id);
  await page.goto(`/app/compare?ids=${[first, second, 987_654, ...ids].join()}`);
  const leftOut = page.locator('[data-left-out]');
  await leftOut.getByText('Target 987654 not found; it may have been deleted.').waitFor();
  await leftOut.getByText('Not shown (at most eight targets): 127.0.9.107 and 127.0.9.108.').waitFor();
  await page.getByRole('application', { name: /Median round trips/ }).waitFor();
  await page.getByRole('button', { name: 'Choose targets' }).click();
  await page.getByRole('searchbox').fill('attic 108');
  await until('the one of that tag', async () => (await page.getByRole('dialog').getByRole('checkbox').count()) === 1);
  await page.keyboard.press('Escape');
  visitor.assertClean();
});

test.for(['light', 'dark'] as const)(
  'with forced colours on a %s system legend, heat map and pressed buttons can be distinguished',
  async (colorScheme) => {
    await using visitor = await visit(dashboard.browser, dashboard.server, { colorScheme, forcedColors: 'active' });
    const { page } = visitor;
    await signIn(page);
    await page.goto(`/app/targets/${seeded}?range=30d`);
    await until('no busy part', async () => (await page.locator('.animate-pulse').count()) === 0);
    assert.equal(await page.evaluate(`matchMedia('(forced-colors: active)').matches`), true);

    const entries = page.getByRole('list', { name: 'Legend' }).getByRole('listitem');
    await entries.first().waitFor();
    const swatches: string[] = [];
    for (const entry of await entries.all()) {
      const ground = (await seenColors(entry))[0];
      const colors = await seenColors(entry.locator('span').first());
      assert.ok(
        colors.some((color) => color !== ground),
        `${await entry.innerText()} shows nothing`,
      );
      swatches.push(colors.join(' '));
    }
    assert.equal(swatches.length, 10);
    assert.equal(new Set(swatches).size, 10, 'each has a look of its own');

    const cells = page.getByRole('region', { name: 'By hour and weekday' }).locator('td[title]');
    await cells.first().waitFor();
    const shades = new Set<string>();
    for (const index of [0, 20, 40, 60, 80, 100, 120, 140, 160]) {
      shades.add((await seenColors(cells.nth(index)))[0] ?? '');
    }
    assert.ok(shades.size >= 4, `${shades.size} shades`);

    const presets = page.getByRole('group', { name: 'Range' });
    const pressed = await seenColors(presets.getByRole('button', { pressed: true }));
    const other = await seenColors(presets.getByRole('button', { pressed: false }).first());
    assert.notEqual(pressed[0], other[0]);
    const place = page.getByRole('navigation', { name: 'Screens' });
    await place.getByRole('link', { name: 'Settings' }).click();
    await page.waitForURL('**/app/settings');
    const here = await seenColors(place.getByRole('link', { name: 'Settings' }));
    assert.notEqual(here[0], (await seenColors(place.getByRole('link', { name: 'Compare' })))[0]);
    visitor.assertClean();
  },
);

describe('the screens are accessible and fit', () => {
  let gone: number;
  beforeAll(async () => {
    gone = (await call('POST', '/targets', { ip: '127.0.9.10', frequency: 3600, notes: 'attic' })).json.id;
    await call('DELETE', `/targets/${gone}`);
  });

  test.for(['light', 'dark'] as const)('in the %s theme', async (colorScheme) => {
    await using visitor = await visit(dashboard.browser, dashboard.server, { colorScheme });
    const { page } = visitor;
    await signIn(page);
    const paths = [`targets/${seeded}?range=30d`, `targets/${first}/path`, `compare?ids=${first},${seeded}`];
    for (const path of [...paths, `targets/${gone}`, `targets/${gone}/path`, 'settings/deleted']) {
      await page.goto(`/app/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await until('no busy part', async () => (await page.locator('.animate-pulse').count()) === 0);
      await assertAccessible(page);
    }
    visitor.assertClean();
  });

  test('and have no text that is not translated', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server);
    const { page } = visitor;
    await page.goto('/');
    await page.evaluate(() => localStorage.setItem('pmd-preferences', JSON.stringify({ language: 'qps' })));
    await signIn(page);
    const paths = [`targets/${seeded}?range=30d`, `targets/${first}/path`, 'compare', `compare?ids=${first},${seeded}`];
    for (const path of [...paths, `targets/${gone}`, `targets/${gone}/path`, 'settings/deleted']) {
      await page.goto(`/app/${path}`);
      await page.locator('h1').filter({ hasText: /./ }).waitFor();
      await until('no busy part', async () => (await page.locator('.animate-pulse').count()) === 0);
      assert.deepEqual(await untranslated(page), [], path);
    }
    visitor.assertClean();
  });

  test('on a phone, in every language', async () => {
    await using visitor = await visit(dashboard.browser, dashboard.server, { width: 360, height: 740 });
    const { page } = visitor;
    await signIn(page);
    for (const language of [...languages.map(({ tag }) => tag), 'qps']) {
      for (const path of [
        `targets/${seeded}?range=30d&`,
        `targets/${first}/path?`,
        `compare?ids=${first},${seeded}&`,
        `targets/${gone}?`,
        'settings/deleted?',
      ]) {
        await page.goto(`/app/${path}lng=${language}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await until('no busy part', async () => (await page.locator('.animate-pulse').count()) === 0);
        const [wide, shown] = await page.evaluate<[number, number]>(
          '[document.documentElement.scrollWidth, innerWidth]',
        );
        assert.ok(wide <= shown, `${path} in ${language} is ${wide} wide`);
      }
    }
    visitor.assertClean();
  });
});
