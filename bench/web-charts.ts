// Frames a second while five years of one target are zoomed and panned, in a real Chromium against the real server.
import { performance } from 'node:perf_hooks';
import type { Page } from 'playwright-core';
import { type Caller, logIn } from '../test/e2e/server.ts';
import { signIn, startDashboard, visit } from '../test/web/browser.ts';

/** What a sequence of gestures did to the page; frames are those that the browser drew. */
interface Frames {
  readonly perSecond: number;
  readonly longestMillis: number;
  readonly longTasks: number;
}

const observe = `(() => {
  const seen = { times: [], long: 0 };
  window.__frames = seen;
  const tick = (at) => { seen.times.push(at); seen.handle = requestAnimationFrame(tick); };
  seen.handle = requestAnimationFrame(tick);
  new PerformanceObserver((list) => { seen.long += list.getEntries().length; }).observe({ type: 'longtask' });
})()`;
const finish = `(() => {
  const { times, long, handle } = window.__frames;
  cancelAnimationFrame(handle);
  const gaps = times.slice(1).map((at, index) => at - times[index]);
  const length = times.at(-1) - times[0];
  return { perSecond: (1000 * gaps.length) / length, longestMillis: Math.max(...gaps), longTasks: long };
})()`;

async function measure(page: Page, gestures: () => Promise<void>): Promise<Frames> {
  await page.evaluate(observe);
  await gestures();
  return page.evaluate<Frames>(finish);
}

function report(name: string, { perSecond, longestMillis, longTasks }: Frames): void {
  const figures = `${perSecond.toFixed(1)} frames/s, longest ${longestMillis.toFixed(0)} ms, long tasks ${longTasks}`;
  process.stdout.write(`${name.padEnd(44)} ${figures}\n`);
}

await using dashboard = await startDashboard();
const { server, browser } = dashboard;
const call: Caller = await logIn(server.url);
const years = process.argv.includes('--quick') ? 1 : 5;
const seedStarted = performance.now();
await call('POST', '/seed', { targets: 1, years, interval_seconds: 60, loss_rate: 0.005, seed: 1, reset: false });
process.stdout.write(`seeded ${years} years in ${((performance.now() - seedStarted) / 1000).toFixed(0)} s\n`);

await using visitor = await visit(browser, server, { width: 1280, height: 900 });
const { page } = visitor;
await signIn(page);
const [target] = (await call('GET', '/targets')).json as readonly { readonly id: number }[];
if (target === undefined) throw new Error('nothing was seeded');
const { id } = target;
await page.goto(`/app/targets/${id}?range=5y`);
await page.getByText(/One point for every/).waitFor();
const chart = page.getByRole('application');
const box = await chart.boundingBox();
if (box === null) throw new Error('the chart has no place on the page');
const [x, y] = [box.x + box.width * 0.6, box.y + box.height * 0.4];
await page.mouse.move(x, y);

report(
  'zoom from five years to days and back',
  await measure(page, async () => {
    for (const direction of [-1, 1]) {
      for (let step = 0; step < 60; step++) {
        await page.mouse.wheel(0, direction * 60);
        await page.waitForTimeout(16);
      }
    }
  }),
);
for (const range of ['1y', '30d', '24h']) {
  await page.goto(`/app/targets/${id}?range=${range}`);
  await page.getByText(/One point for every/).waitFor();
  await page.mouse.move(x, y);
  report(
    `pan back and forth, ${range} in view`,
    await measure(page, async () => {
      await page.keyboard.down('Shift');
      await page.mouse.down();
      for (let step = 0; step < 120; step++) {
        await page.mouse.move(x + 260 * Math.sin(step / 12), y);
        await page.waitForTimeout(16);
      }
      await page.mouse.up();
      await page.keyboard.up('Shift');
    }),
  );
}
visitor.assertClean();
