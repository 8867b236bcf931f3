// The cost of the dashboard: npm run bench:web. A fresh server probes 300 addresses of this machine once a second.
// npm run bench:web -- --minutes 60: only whether memory stays flat over an hour of live view.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { CDPSession } from 'playwright-core';
import { logIn } from '../test/e2e/server.ts';
import { signIn, startDashboard, visit } from '../test/web/browser.ts';

const targets = 300;
/** Longer than the half minute after which the fleet's figures are requested again, so that their cost is included. */
const watchedSeconds = 35;
const paintMax = 1000;
const interactiveMax = 1500;
const scriptMaxBytes = 180 * 1024;
const busyMax = 0.15;
const taskMax = 50;
const sampleMillis = 30_000;
const grownMax = 1.1;

await using dashboard = await startDashboard();
const { server, browser } = dashboard;
const call = await logIn(server.url);
const ips = Array.from({ length: targets }, (_, index) => `127.${1 + Math.floor(index / 250)}.0.${1 + (index % 250)}`);
await call('POST', '/targets/many', { ips, tags: ['bench'] });
await new Promise((resolve) => setTimeout(resolve, 5000));

const minutesAt = process.argv.indexOf('--minutes');
if (minutesAt >= 0) await reportMemory(Number(process.argv[minutesAt + 1]));
else {
  await reportScript();
  await reportPaint();
  await reportLive('300 live targets, the rows that a screen of 1440 by 900 holds', { width: 1440, height: 900 });
  await reportLive('300 live targets, all 300 sparklines drawn', { width: 1440, height: 12_600 });
}

function report(name: string, value: string, isGood: boolean): void {
  process.stdout.write(`${isGood ? 'ok  ' : 'OVER'}  ${name.padEnd(72)} ${value}\n`);
  if (!isGood) process.exitCode = 1;
}

/** What a browser downloads until the fleet is shown, compressed. */
async function reportScript(): Promise<void> {
  await using visitor = await visit(browser, server);
  await signIn(visitor.page);
  const before = new Set<string>();
  visitor.page.on('request', (request) => {
    if (request.resourceType() === 'script') before.add(new URL(request.url()).pathname);
  });
  await visitor.page.reload();
  await visitor.page.locator('tbody tr[data-target]').first().waitFor();
  const html = await (await fetch(server.url)).text();
  const initial = [...html.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map((match) => match[1] ?? '');
  const size = (paths: readonly string[]): number =>
    paths.reduce((sum, path) => sum + gzipSync(readFileSync(`dist/web${path}`), { level: 9 }).length, 0);
  const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB gzip`;
  report('initial JavaScript, named by the page', kilobytes(size(initial)), size(initial) <= scriptMaxBytes);
  const all = [...before].filter((path) => path.endsWith('.js'));
  process.stdout.write(`      with the fleet's own screen and texts: ${kilobytes(size(all))}\n`);
}

/** The third visit, the everyday one of an engineer: files from the browser's cache, data from the server. */
async function reportPaint(): Promise<void> {
  for (const kind of ['first visit', 'later visit'] as const) {
    await using visitor = await visit(browser, server, { width: 1440, height: 900 });
    const { page, context } = visitor;
    // Signs in without loading the dashboard: the first visit finds an empty cache.
    const answer = await context.request.post(`${server.url}/auth/login?cookie=true`, {
      data: { username: 'admin', password: 'changeme' },
    });
    if (!answer.ok()) throw new Error(`signing in answered ${answer.status()}`);
    if (kind === 'later visit') {
      await page.goto('/');
      await page.locator('tbody tr[data-target]').first().waitFor();
    }
    const [paints, interactives]: [number[], number[]] = [[], []];
    for (let run = 0; run < (kind === 'first visit' ? 1 : 5); run++) {
      await page.goto('/');
      await page.locator('tbody tr[data-target]').first().waitFor();
      const times = await page.evaluate<{ paint: number; interactive: number }>(
        `new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve({
          paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
          interactive: performance.now(),
        }))))`,
      );
      paints.push(times.paint);
      interactives.push(times.interactive);
    }
    const [paint, interactive] = [median(paints), median(interactives)];
    report(`${kind}: first contentful paint`, `${paint.toFixed(0)} ms`, paint <= paintMax);
    report(
      `${kind}: rows shown and main thread free, at most`,
      `${interactive.toFixed(0)} ms`,
      interactive <= interactiveMax,
    );
  }
}

/** Share of a core that the page's main thread is busy, and its longest task, while results come in. */
async function reportLive(name: string, size: { readonly width: number; readonly height: number }): Promise<void> {
  await using visitor = await visit(browser, server, size);
  const { page, context } = visitor;
  await signIn(page);
  await page.locator('tbody tr[data-target]').first().waitFor();
  const rows = await page.locator('tbody canvas').count();
  await page.evaluate(`(() => {
    globalThis.longest = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, entry.duration);
    }).observe({ type: 'longtask' });
  })()`);
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.waitForTimeout(2000);
  const heapBefore = await heapAfterCollection(session);
  // The collection that was just requested is a long task of our own making.
  await page.waitForTimeout(1000);
  await page.evaluate('globalThis.longest = 0');
  const before = await busySeconds(session);
  const processesBefore = await processSeconds();
  await page.waitForTimeout(watchedSeconds * 1000);
  const share = ((await busySeconds(session)) - before) / watchedSeconds;
  const processes = ((await processSeconds()) - processesBefore) / watchedSeconds;
  const longest = Number(await page.evaluate('globalThis.longest'));
  const heapAfter = await heapAfterCollection(session);
  report(`${name} (${rows}): main thread`, `${(share * 100).toFixed(1)} % of a core`, share <= busyMax);
  report(`${name} (${rows}): longest task`, longest === 0 ? 'none over 50 ms' : `${longest} ms`, longest <= taskMax);
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  process.stdout.write(`      ${name}: heap ${megabytes(heapBefore)} to ${megabytes(heapAfter)} MB\n`);
  process.stdout.write(
    `      ${name}: all processes of the browser, which draws without a GPU here, ${(processes * 100).toFixed(1)} % of a core\n`,
  );
}

interface LivePage {
  readonly name: string;
  readonly session: CDPSession;
  readonly heaps: number[];
  readonly nodes: number[];
}

/** The fleet and one target, live side by side: what the pages hold after a collection, from half a minute to half a minute. */
async function reportMemory(minutes: number): Promise<void> {
  const [{ id }] = (await call('GET', '/targets')).json as [{ readonly id: number }];
  await using stack = new AsyncDisposableStack();
  const pages: LivePage[] = [];
  for (const [name, path] of [
    ['the fleet of 300', '/'],
    ['one target, its last 15 minutes', `/app/targets/${id}?range=15m`],
  ] as const) {
    const visitor = stack.use(await visit(browser, server, { width: 1440, height: 900 }));
    await signIn(visitor.page);
    await visitor.page.goto(path);
    await visitor.page.locator('[data-live=live]').waitFor();
    const session = await visitor.context.newCDPSession(visitor.page);
    pages.push({ name, session, heaps: [], nodes: [] });
  }
  // The target's last 15 minutes have to fill first: until then the page has ever more to show.
  const settleMillis = Math.min(16, minutes / 2) * 60_000;
  const startedAt = Date.now();
  while (Date.now() - startedAt < minutes * 60_000) {
    await new Promise((resolve) => setTimeout(resolve, sampleMillis));
    for (const { session, heaps, nodes } of pages) {
      const heap = await heapAfterCollection(session);
      const counters = await session.send('Memory.getDOMCounters');
      if (Date.now() - startedAt < settleMillis) continue;
      heaps.push(heap);
      nodes.push(counters.nodes);
    }
  }
  for (const { name, heaps, nodes } of pages) {
    const third = Math.ceil(heaps.length / 3);
    const [early, late] = [median(heaps.slice(0, third)), median(heaps.slice(-third))];
    const [earlyNodes, lateNodes] = [median(nodes.slice(0, third)), median(nodes.slice(-third))];
    const value = `heap ${(early / 1e6).toFixed(2)} to ${(late / 1e6).toFixed(2)} MB, nodes ${earlyNodes} to ${lateNodes}`;
    report(`${minutes} min of ${name}, first third to last third`, value, late / early <= grownMax);
    process.stdout.write(`      each half a minute: ${heaps.map((heap) => (heap / 1e6).toFixed(2)).join(' ')} MB\n`);
  }
}

/** CPU time of every process of the browser so far. */
async function processSeconds(): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}

async function heapAfterCollection(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
