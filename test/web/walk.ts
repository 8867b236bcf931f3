import { resolve } from 'node:path';
import type { RunningServer } from '../e2e/server.ts';
import { until } from '../e2e/server.ts';
import type { Visit } from './browser.ts';

const modulePath = resolve('src/web/screens.ts');
// By its path: the types of this folder are those of Node.js, not of the dashboard.
const { screens } = (await import(modulePath)) as {
  readonly screens: readonly { readonly path: string; readonly frame: string }[];
};

/** What a screen needs to show something; `ID` stands for a target's. */
const queries: Readonly<Record<string, string>> = { '/app/compare': '?ids=ID,2' };

/** What is there only once a screen's own script has run; elsewhere a heading. */
const signs: Readonly<Record<string, string>> = {
  '/': 'tbody tr[data-target]',
  '/app/targets/$id': '.pmd-chart canvas',
  '/app/compare': '.pmd-chart canvas',
};

/** Opens every screen by its address, as a signed-in user; returns the paths of those that show an error. */
export async function walkEveryScreen(
  { page }: Pick<Visit, 'page'>,
  { url }: Pick<RunningServer, 'url'>,
  id: number,
): Promise<readonly string[]> {
  const faulty: string[] = [];
  for (const { path } of screens.filter(({ frame }) => frame !== 'none')) {
    await page.goto(url + (path + (queries[path] ?? '')).replace(/\$id|ID/, String(id)));
    await page
      .locator(signs[path] ?? 'h1')
      .first()
      .waitFor();
    await until('no busy part', async () => (await page.locator('.animate-pulse').count()) === 0);
    if ((await page.getByText('Something went wrong').count()) > 0) faulty.push(path);
  }
  return faulty;
}
