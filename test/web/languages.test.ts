import assert from 'node:assert/strict';
import { test } from 'vitest';
import { startDashboard } from './browser.ts';

test.each([
  [['en-US@posix'], 'Sign in'],
  [['not a tag', 'fr-CA@posix'], 'Se connecter'],
])('a browser that asks for %j gets a page in words', async (languages, words) => {
  await using dashboard = await startDashboard();
  const page = await (await dashboard.browser.newContext({ baseURL: dashboard.server.url })).newPage();
  await page.addInitScript((wanted) => {
    Object.defineProperty(navigator, 'languages', { get: () => wanted });
  }, languages);
  await page.goto('/');
  const button = page.getByRole('button', { name: words });
  await button.waitFor();
  assert.equal(await button.count(), 1);
});
