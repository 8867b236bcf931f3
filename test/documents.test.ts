import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { replayGuide, withoutRun } from '../scripts/api-guide.ts';
import { envExample } from '../scripts/env-example.ts';
import { definitions } from '../src/config-settings.ts';
import { referencePages } from '../scripts/reference-pages.ts';
import { documentFiles, withoutFences } from './document-files.ts';
import { startServer, temporaryFolder } from './e2e/server.ts';

const documents = documentFiles();

test('.env.example lists every setting with its default (npm run docs writes it)', () => {
  expect(readFileSync('.env.example', 'utf8')).toBe(envExample());
});

test('API_GUIDE.md shows what the server answers (npm run docs writes it)', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path, { RETENTION_RAW_DAYS: '0' });
  expect(withoutRun(readFileSync('API_GUIDE.md', 'utf8'))).toBe(withoutRun(await replayGuide(server.url)));
});

test('the pages on configuration and the CLI are up to date (npm run docs)', async () => {
  for (const { path, text } of await referencePages()) expect(readFileSync(path, 'utf8')).toBe(text);
});

test('the documents that the contract names exist, and the site names every setting', () => {
  for (const name of [
    'README.md',
    'API_GUIDE.md',
    'ARCHITECTURE.md',
    'compose.yaml',
    'Dockerfile',
    '.github/workflows/ci.yml',
    'LICENSE',
  ]) {
    expect({ name, exists: existsSync(name) }).toEqual({ name, exists: true });
  }
  expect(readFileSync('README.md', 'utf8')).toContain('## Troubleshooting');
  const page = readFileSync('docs/configuration.md', 'utf8');
  for (const name of Object.keys(definitions)) expect(page).toContain(`| \`${name}\` `);
});

test('the README is short, and has the command that CI runs', () => {
  const readme = readFileSync('README.md', 'utf8');
  expect(readme.split('\n').length).toBeLessThanOrEqual(151);
  expect(readme).toContain('npm ci && npm test');
  const ci = readFileSync('.ci/run', 'utf8');
  expect(ci).toMatch(/^npm ci$/m);
  expect(ci).toMatch(/^run test$/m);
});

test('every link within the documents leads to a file, and to a heading if it names one', () => {
  const anchors = new Map(documents.map(({ path, text }) => [path, anchorsOf(text)]));
  const dead: string[] = [];
  let links = 0;
  for (const { path, text } of documents) {
    for (const target of linksOf(text)) {
      links++;
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path : normalize(join(dirname(path), file));
      const isThere = existsSync(found) && (anchor === undefined || anchors.get(found)?.has(anchor) === true);
      if (!isThere) dead.push(`${path}: ${target}`);
    }
  }
  expect(dead).toEqual([]);
  expect(links).toBeGreaterThan(80);
});

test('every page of the site is in its navigation', () => {
  const config = readFileSync('docs/.vitepress/config.ts', 'utf8');
  const decisions = readFileSync('docs/decisions/index.md', 'utf8');
  for (const { path } of documents) {
    const page = /^docs\/(.+)\.md$/.exec(path)?.[1];
    if (page === undefined || page === 'index') continue;
    const isRecord = /^decisions\/\d/.test(page);
    const place = isRecord ? `(${page.replace('decisions/', '')}.md)` : `'/${page.replace(/index$/, '')}'`;
    expect({ page, isListed: (isRecord ? decisions : config).includes(place) }).toEqual({ page, isListed: true });
  }
});

/** Links and pictures of Markdown and HTML, without those to other hosts. */
function linksOf(text: string): readonly string[] {
  const plain = withoutFences(text).replaceAll(/`[^`\n]*`/g, '');
  const found = [...plain.matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"]+)"|@include: (\S+)-->/g)];
  return found
    .map(([, ...groups]) => groups.find((each) => each !== undefined) ?? '')
    .filter((each) => !/^\w+:/.test(each));
}

/** As GitHub and the site make them of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  return new Set(
    [...withoutFences(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}
