import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type ICruiseResult, cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importRules } from '../scripts/import-rules.ts';

const { options, ...ruleSet } = importRules;
let copy: string;

/** Violations are planted in a copy: the working tree may be edited, or checked by another process, meanwhile. */
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'pmd-architecture-'));
  for (const path of ['src', 'scripts', 'package.json', '.oxlintrc.json', ...globSync('tsconfig*.json')]) {
    cpSync(path, join(copy, path), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rm(copy, { recursive: true, force: true }));

async function violations(folder: string): Promise<{ readonly names: readonly string[]; readonly modules: number }> {
  const { output } = await cruise(['src'], { ...options, ruleSet, validate: true, baseDir: folder }, undefined, {
    tsConfig: extractTSConfig(join(folder, 'tsconfig.json')),
  });
  const { summary } = output as ICruiseResult;
  const names = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  return { names, modules: summary.totalCruised };
}

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), text);
}

test('every import follows the table in ARCHITECTURE.md', async () => {
  const { names, modules } = await violations(resolve('.'));
  expect(names).toEqual([]);
  // A parser that does not read TypeScript finds no violations either.
  expect(modules).toBeGreaterThan(100);
});

test('each rule gives its reason', () => {
  const silent = (importRules.forbidden ?? []).filter(({ comment = '' }) => comment === '');
  expect(silent).toEqual([]);
});

test('imports against the table are caught: of a layer, of a room, in a circle of types', async () => {
  plant('src/core/planted/planted.ts', "import '../../storage/storage.ts';\nimport 'node:fs';\n");
  plant('src/core/result/planted-upwards.ts', "import '../history/rollup.ts';\n");
  plant('src/cli/planted-one.ts', "import type { Two } from './planted-two.ts';\nexport type One = Two[];\n");
  plant('src/cli/planted-two.ts', "import type { One } from './planted-one.ts';\nexport type Two = One[];\n");
  plant('src/core/base-path.ts', "import './planted/planted.ts';\n");
  const { names } = await violations(copy);
  for (const [rule, file] of [
    ['core-does-no-io', 'src/core/planted/planted.ts'],
    ['core-imports-only-its-own', 'src/core/planted/planted.ts'],
    ['core/result-imports-only-its-own', 'src/core/result/planted-upwards.ts'],
    ['no-circles', 'src/cli/planted-one.ts'],
    ['core-has-only-known-rooms', 'src/core/base-path.ts'],
  ]) {
    expect(names).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: ${file} `)));
  }
});

test('a reading of the browser’s own clock is caught in the dashboard, whatever its form', () => {
  const readings = ['Date.now()', 'new Date()', 'Date()', '[Date.now]', "Date['now']()", 'globalThis.Date.now()'];
  const others = ['new Date(0)', "Date.parse('')", 'performance.now()', 'Date.UTC(2026, 0)'];
  const lines = [...readings, ...others].map((reading, index) => `export const reading${index} = ${reading};`);
  plant('src/web/planted-clock.ts', lines.join('\n'));
  const program = resolve('node_modules/.bin/oxlint');
  const { stdout } = spawnSync(program, ['--format=unix', 'src/web/planted-clock.ts'], { cwd: copy, encoding: 'utf8' });
  const found = stdout.split('\n').filter((line) => line.includes('serverNow()'));
  expect(found.map((line) => Number(line.split(':')[1]))).toEqual(readings.map((_, index) => index + 1));
});

const filesMost = 15;
const linesMost = 300;
/** Of program text; tests and data may be longer. */
const sources = globSync('src/**/*.{ts,tsx}').filter((path) => !path.includes('.test.'));

test('no folder has more files than a newcomer can survey', () => {
  const folders = Map.groupBy(sources, dirname);
  const crowded = [...folders].filter(([, files]) => files.length > filesMost);
  expect(crowded.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([]);
});

test('no file is too long to read in one go, and most are short', () => {
  const lengths = sources.map((path) => ({ path, lines: readFileSync(path, 'utf8').split('\n').length - 1 }));
  expect(lengths.filter(({ lines }) => lines > linesMost)).toEqual([]);
  const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(80);
});

test('nothing opts out of the type check', () => {
  const files = globSync(['src', 'test', 'bench', 'scripts'].map((folder) => `${folder}/**/*.{ts,tsx}`));
  const optOut = new RegExp(`@ts-(?:${['ignore', 'expect-error', 'nocheck'].join('|')})`);
  expect(files.filter((path) => optOut.test(readFileSync(path, 'utf8')))).toEqual([]);
});
