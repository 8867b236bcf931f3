import { buildDashboard } from './browser.ts';
import { browserVariable, unpackBrowser } from './browser-program.ts';

/** What vitest runs before the first of these tests; what it returns runs after the last. */
export async function setup(): Promise<() => Promise<void>> {
  buildDashboard();
  const browser = await unpackBrowser();
  process.env[browserVariable] = browser.path;
  return async () => browser[Symbol.asyncDispose]();
}
