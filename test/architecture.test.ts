import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { type IConfiguration, type ICruiseResult, cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { afterEach, expect, test } from 'vitest';
// @ts-expect-error a plain JavaScript file, so that the depcruise command can read it too
import rules from '../.dependency-cruiser.mjs';

const { options, ...ruleSet } = rules as IConfiguration;
const plantedFolder = 'src/core/planted-violation';

async function violations(): Promise<{ readonly names: readonly string[]; readonly modules: number }> {
  const { output } = await cruise(['src'], { ...options, ruleSet, validate: true }, undefined, {
    tsConfig: extractTSConfig('tsconfig.json'),
  });
  const { summary } = output as ICruiseResult;
  const names = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  return { names, modules: summary.totalCruised };
}

const plantedClock = 'src/web/planted-clock.ts';

afterEach(async () => {
  await rm(plantedFolder, { recursive: true, force: true });
  await rm(plantedClock, { force: true });
});

test('every import follows the table in ARCHITECTURE.md', async () => {
  const { names, modules } = await violations();
  expect(names).toEqual([]);
  // A parser that reads no TypeScript finds no violations either.
  expect(modules).toBeGreaterThan(100);
});

test('an import against the table is caught', async () => {
  await mkdir(plantedFolder);
  await writeFile(`${plantedFolder}/planted.ts`, "import '../../storage/storage.ts';\nimport 'node:fs';\n");
  const { names } = await violations();
  expect(names.filter((name) => name.includes('planted'))).toEqual([
    expect.stringContaining('core-does-no-io'),
    expect.stringContaining('core-imports-only-its-own'),
  ]);
});

test('a reading of the browser’s own clock is caught in the dashboard, whatever its form', async () => {
  const readings = ['Date.now()', 'new Date()', 'Date()', '[Date.now]', "Date['now']()", 'globalThis.Date.now()'];
  const others = ['new Date(0)', "Date.parse('')", 'performance.now()', 'Date.UTC(2026, 0)'];
  const lines = [...readings, ...others].map((reading, index) => `export const reading${index} = ${reading};`);
  await writeFile(plantedClock, lines.join('\n'));
  const { stdout } = spawnSync('node_modules/.bin/oxlint', ['--format=unix', plantedClock], { encoding: 'utf8' });
  const found = stdout.split('\n').filter((line) => line.includes('serverNow()'));
  expect(found.map((line) => Number(line.split(':')[1]))).toEqual(readings.map((_, index) => index + 1));
});
