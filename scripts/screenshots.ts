// The README's pictures, of the running product: npm run screenshots. History is seeded; what is live is this machine.
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { logIn } from '../test/e2e/server.ts';
import { signIn, startDashboard, visit } from '../test/web/browser.ts';

const folder = 'docs/screenshots';
const password = 'a password of our own';

interface Picture {
  readonly name: string;
  readonly path: (ids: readonly number[]) => string;
  readonly width?: number;
  readonly height?: number;
  /** Waits until the page is complete. */
  readonly ready: (page: Page) => Promise<void>;
}

const pictures: readonly Picture[] = [
  {
    name: 'fleet',
    path: () => '/',
    ready: (page) => page.locator('tbody [data-last]', { hasText: 'ms' }).first().waitFor(),
  },
  {
    name: 'fleet-tiles',
    path: () => '/?view=tiles',
    ready: (page) => page.getByRole('list', { name: 'Targets' }).waitFor(),
  },
  {
    name: 'fleet-phone',
    ...{ path: () => '/', width: 390, height: 844 },
    ready: (page) => page.locator('tbody [data-last]', { hasText: 'ms' }).first().waitFor(),
  },
  {
    name: 'target',
    ...{ path: ([, second = 0]) => `/app/targets/${second}?range=7d`, height: 1380 },
    ready: chartsAreThere,
  },
  {
    name: 'target-phone',
    ...{ path: ([first = 0]) => `/app/targets/${first}?range=24h`, width: 390, height: 1400 },
    ready: chartsAreThere,
  },
  {
    name: 'path',
    height: 1330,
    path: ([, second = 0]) => `/app/targets/${second}/path`,
    async ready(page) {
      const compared = page.getByLabel('Compare with');
      const oldest = await compared.locator('option').last().getAttribute('value');
      await compared.selectOption(oldest);
      await page.getByText('Other route').waitFor();
    },
  },
  { name: 'compare', path: (ids) => `/app/compare?ids=${ids.slice(0, 4).join(',')}&range=7d`, ready: chartsAreThere },
  {
    name: 'compare-weeks',
    path: ([, second = 0]) => `/app/compare?ids=${second}&weeks=1&range=7d`,
    ready: chartsAreThere,
  },
  {
    name: 'add',
    path: () => '/app/add',
    async ready(page) {
      await page
        .getByLabel('Addresses', { exact: true })
        .fill('127.0.5.0/29   # lab\n127.0.1.1\nrouter.example\n127.0.6.20-9');
      await page.getByText('is already monitored').waitFor();
    },
  },
  {
    name: 'settings',
    ...{ path: () => '/app/settings', height: 1590 },
    ready: (page) => page.getByText('Working').first().waitFor(),
  },
  { name: 'users', path: () => '/app/settings/users', ready: (page) => page.locator('[data-user=anna]').waitFor() },
];

const seededNotes = [
  'Paris, transit A',
  'Taipei, transit B',
  'Cloud region',
  'Branch office',
  'Video bridge',
  'Mail relay',
];
const notes = [
  'Core router',
  'Edge switch',
  'File server',
  'Printer, 2nd floor',
  'Camera, gate',
  'Backup',
  'Phone system',
];
const places = ['berlin', 'lyon', 'taipei'];

mkdirSync(folder, { recursive: true });
await using dashboard = await startDashboard({ ADMIN_PASSWORD: password });
const { server, browser } = dashboard;
const call = await logIn(server.url, password);
await call('POST', '/seed', { targets: 6, years: 0.06, interval_seconds: 10, loss_rate: 0.004, seed: 7, reset: false });
for (const [index, place] of places.entries()) {
  const ips = Array.from({ length: 14 }, (_, number) => `127.0.${index + 1}.${number + 1}`);
  await call('POST', '/targets/many', { ips, frequency: 0.5, tags: [place] });
}
const targets = (await call('GET', '/targets')).json as readonly {
  readonly id: number;
  readonly is_synthetic: boolean;
}[];
for (const [index, { id, is_synthetic: isSynthetic }] of targets.entries()) {
  if (isSynthetic) await call('PATCH', `/targets/${id}`, { notes: seededNotes[index] });
  if (isSynthetic) continue;
  await call('PATCH', `/targets/${id}`, { notes: notes[index % notes.length] });
  await call('POST', `/targets/${id}/logs/import`, lastHour(index), { 'content-type': 'text/csv' });
}
await call('POST', '/users', { username: 'anna', password, role: 'operator' });
await call('POST', '/users', { username: 'wall', password, role: 'viewer' });
const seeded = targets.filter((target) => target.is_synthetic).map(({ id }) => id);
await call('POST', '/targets/bulk', { action: 'pause', ids: targets.slice(-2).map(({ id }) => id) });
await new Promise((resolve) => setTimeout(resolve, 20_000));

for (const colorScheme of ['light', 'dark'] as const) {
  for (const { name, path, ready, ...size } of pictures) {
    await using visitor = await visit(browser, server, { width: 1440, height: 900, ...size, colorScheme });
    await signIn(visitor.page, password);
    await visitor.page.goto(path(seeded));
    await ready(visitor.page);
    await visitor.page.locator('[data-live=live]').waitFor();
    await visitor.page.waitForTimeout(1500);
    await visitor.page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  }
}

/** Every part has its data, and the chart its finest buckets. */
async function chartsAreThere(page: Page): Promise<void> {
  await page.getByRole('application').waitFor();
  await page.waitForFunction('document.querySelectorAll(".animate-pulse").length === 0');
}

/** An hour of seeded results up to now, about as fast as this machine answers itself; every ninth target loses some. */
function lastHour(seed: number): string {
  let state = seed + 1;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const end = Date.now();
  const rows = Array.from({ length: 1200 }, (_, index) => {
    const time = new Date(end - (1200 - index) * 3000).toISOString();
    const isLost = seed % 9 === 4 && index % 400 > 330 && random() < 0.3;
    const wave = 1 + 0.4 * Math.sin(index / (60 + seed)) + 0.25 * random();
    return `${time},,,${isLost ? '' : (0.006 * wave).toFixed(3)},,${isLost ? 1 : 0}`;
  });
  return `time,target_id,target_ip,latency_ms,hops,packet_loss\n${rows.join('\n')}\n`;
}
