// npm run docs:site: builds the documentation into docs/.vitepress/dist and visits it. A dead link fails the build; a page that
// logs an error, or loads anything from another host, fails the visit.
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import serveStatic from '@fastify/static';
import fastify from 'fastify';
import { launchBrowser, visit } from '../test/web/browser.ts';

const npm = (...words: readonly string[]): Buffer => execFileSync('npm', words, { cwd: 'docs', stdio: 'inherit' });
// None of its packages needs an install script: native ones include their binaries.
npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
npm('run', '-s', 'build');

const root = resolve('docs/.vitepress/dist');
const app = fastify();
await app.register(serveStatic, { root });
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const browser = await launchBrowser();
try {
  const pages = globSync('**/*.html', { cwd: root }).filter((page) => page !== '404.html');
  if (pages.length < 20) throw new Error(`only ${pages.length} pages were built`);
  await using visitor = await visit(browser, { url });
  for (const page of pages) {
    await visitor.page.goto(`/${page}`, { waitUntil: 'networkidle' });
    await visitor.page.locator('h1, .VPHero').first().waitFor();
  }
  await visitor.page.getByRole('button', { name: 'Search' }).first().click();
  await visitor.page.locator('input.search-input').fill('availability');
  await visitor.page.locator('.results .result').first().waitFor();
  visitor.assertClean();
  process.stdout.write(
    `${pages.length} pages in docs/.vitepress/dist; none of them loads anything from another host.\n`,
  );
} finally {
  await browser.close();
  await app.close();
}
