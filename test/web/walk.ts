import type { RunningServer } from '../e2e/server.ts';
import { until } from '../e2e/server.ts';
import type { Visit } from './browser.ts';

/** Every screen, and something that is there only once its own script has run; `ID` stands for a target's. */
export const screens: readonly (readonly [path: string, selector: string])[] = [
  ...([
    ['/', 'tbody tr[data-target]'],
    ['/app/targets/ID', '.pmd-chart canvas'],
    ['/app/targets/ID/path', 'h1'],
    ['/app/compare?ids=ID,2', '.pmd-chart canvas'],
  ] as const),
  ...['add', 'settings', 'settings/tokens', 'settings/deleted', 'settings/users', 'settings/audit'].map(
    (name) => [`/app/${name}`, 'h1'] as const,
  ),
];

/** Opens every screen by its address, as someone who is signed in; the paths of those that show a fault. */
export async function walkEveryScreen(
  { page }: Pick<Visit, 'page'>,
  { url }: Pick<RunningServer, 'url'>,
  id: number,
): Promise<readonly string[]> {
  const faulty: string[] = [];
  for (const [path, selector] of screens) {
    await page.goto(url + path.replace('ID', String(id)));
    await page.locator(selector).first().waitFor();
    await until('no busy part', async () => (await page.locator('.animate-pulse').count()) === 0);
    if ((await page.getByText('Something went wrong').count()) > 0) faulty.push(path);
  }
  return faulty;
}
