import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { createServer, resolveConfig, type ViteDevServer } from 'vite';
import { type RunningServer, startServer, temporaryFolder } from '../e2e/server.ts';
import { launchBrowser, signIn, visit } from './browser.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let dev: ViteDevServer;
beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startServer(folder.path);
  process.env['VITE_API_URL'] = server.url;
  dev = await createServer({ server: { port: 0, strictPort: false }, logLevel: 'error' });
  await dev.listen();
});
afterAll(async () => {
  await dev.close();
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test('the dev server is on port 5173', async () => {
  const { server: options } = await resolveConfig({}, 'serve');
  assert.deepEqual([options.port, options.strictPort], [5173, true]);
});

test('the dev server shows the dashboard on the data of the server that VITE_API_URL names', async () => {
  const [url = ''] = dev.resolvedUrls?.local ?? [];
  await using browser = await launchBrowser();
  await using visitor = await visit(browser, { url: url.replace(/\/$/, '') });
  const { page } = visitor;
  await signIn(page);
  await page.getByRole('heading', { name: 'Add your first targets' }).waitFor();
  await page.locator('[data-live=live]').waitFor();
  assert.equal(new URL(page.url()).origin, new URL(url).origin);
  visitor.assertClean();
});
