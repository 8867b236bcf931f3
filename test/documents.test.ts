import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { replayGuide, withoutRun } from '../scripts/api-guide.ts';
import { envExample } from '../scripts/env-example.ts';
import { definitions } from '../src/config-settings.ts';
import { startServer, temporaryFolder } from './e2e/server.ts';

test('.env.example lists every setting with its default (npm run docs writes it)', () => {
  expect(readFileSync('.env.example', 'utf8')).toBe(envExample());
});

test('API_GUIDE.md says what the server answers (npm run docs writes it)', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path, { RETENTION_RAW_DAYS: '0' });
  expect(withoutRun(readFileSync('API_GUIDE.md', 'utf8'))).toBe(withoutRun(await replayGuide(server.url)));
});

test('the documents that the contract names are there, and the README names every setting', () => {
  for (const name of [
    'README.md',
    'ARCHITECTURE.md',
    'compose.yaml',
    'Dockerfile',
    '.github/workflows/ci.yml',
    'LICENSE',
  ]) {
    expect({ name, exists: existsSync(name) }).toEqual({ name, exists: true });
  }
  const readme = readFileSync('README.md', 'utf8');
  expect(readme).toContain('## Troubleshooting');
  for (const name of Object.keys(definitions)) expect(readme).toContain(name);
});
