import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { type RunningServer, startServer, temporaryFolder } from '../e2e/server.ts';
import { browserVariable, unpackBrowser } from './browser-program.ts';

/** A page in a browser of its own, and what it did that it should not have done. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Fails when the page logged an error, threw one, or requested anything from another host. */
  assertClean(): void;
  /** Errors that the test brings about, such as a refused sign-in, are no fault. */
  expectError(text: RegExp): void;
}

/** The dashboard as it is served: built when it is older than its sources. */
export function buildDashboard(): void {
  execFileSync(process.execPath, ['scripts/build-web.ts', '--if-older'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The product with an empty database, and a Chromium. */
export async function startDashboard(
  environment: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable & { readonly server: RunningServer; readonly browser: Browser }> {
  buildDashboard();
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const server = stack.use(await startServer(folder.path, environment));
  const browser = await launchBrowser();
  stack.defer(() => browser.close());
  const parts = stack.move();
  return { server, browser, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

/** In the tests the one that their set-up unpacked; benchmarks and scripts unpack one of their own, removed when it closes. */
export async function launchBrowser(environment: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const path = process.env[browserVariable];
  const own = path === undefined ? await unpackBrowser() : undefined;
  const browser = await chromium.launch({
    executablePath: path ?? own?.path ?? '',
    // In a container there is neither a sandbox for it nor a large /dev/shm.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    headless: true,
    env: { ...definedIn(process.env), ...environment },
  });
  if (own !== undefined) browser.once('disconnected', () => void own[Symbol.asyncDispose]());
  return browser;
}

function definedIn(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** `active`: as Windows' high contrast. */
  readonly forcedColors?: 'active' | 'none';
  /** `undefined`: the one of the browser's system. */
  readonly locale?: string | undefined;
  readonly timezoneId?: string;
}

export async function visit(
  browser: Browser,
  server: Pick<RunningServer, 'url'>,
  options: VisitOptions = {},
): Promise<Visit> {
  const { width = 1280, height = 800, locale, ...rest } = { locale: 'en-US', ...options };
  const context = await browser.newContext({
    ...{ baseURL: server.url, viewport: { width, height }, timezoneId: 'UTC', ...rest },
    ...(locale === undefined ? {} : { locale }),
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const faults: string[] = [];
  const expected: RegExp[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      faults.push(`${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    // Below the path of the server's address, where it has one.
    if (url.startsWith('http') && url !== server.url && !url.startsWith(`${server.url}/`)) faults.push(`asked ${url}`);
  });
  return {
    ...{ page, context },
    assertClean: () =>
      assert.deepEqual(
        faults.filter((fault) => !expected.some((each) => each.test(fault))),
        [],
      ),
    expectError: (text) => void expected.push(text),
    [Symbol.asyncDispose]: async () => {
      // A handler that still waits for its answer would otherwise fail after its test, and with it the run.
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
    },
  };
}

export async function signIn(page: Page, password = 'changeme', start = '/'): Promise<void> {
  await page.goto(start);
  await page.locator('input[name=username]').fill('admin');
  await page.locator('input[name=password]').fill(password);
  await page.locator('form button[type=submit]').click();
  await page.locator('header nav').waitFor();
}

/** WCAG 2.2 A and AA, as far as a program can tell. */
export async function assertAccessible(page: Page): Promise<void> {
  const axe = new AxeBuilder({ page }).withTags([
    ...['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  ]);
  // A dialog hides the page with its heading; what floats stands outside of the page's regions.
  if ((await page.locator('[role=dialog],[role=alertdialog],[role=menu]').count()) > 0) {
    axe.disableRules(['page-has-heading-one', 'region']);
  } else {
    // Between two screens there is none.
    await page.getByRole('heading', { level: 1 }).first().waitFor();
  }
  await animationsEnd(page);
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  assert.deepEqual(found, [], `on ${page.url()}`);
}

/** What is still fading in does not have its final contrast yet. */
async function animationsEnd(page: Page): Promise<void> {
  await page.evaluate(`Promise.all(document.getAnimations()
    .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
    .map((animation) => animation.finished.catch(() => {})))`);
}
