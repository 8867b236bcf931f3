import { buildDashboard } from './browser.ts';

/** What vitest runs before the first of these tests. */
export function setup(): void {
  buildDashboard();
}
