import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'vitest';
import type { Area, TextKey, Texts } from './i18n/areas.ts';
import { placesIn, type Screen, screens, shortcuts } from './screens.ts';

const rows: readonly Screen[] = screens;

async function englishText(key: TextKey): Promise<unknown> {
  const [area, path] = key.split(':') as [Area, string];
  const { texts } = (await import(resolve(`src/web/i18n/en/${area}.ts`))) as { readonly texts: Texts };
  return path.split('.').reduce<unknown>((found, name) => (found as Texts | undefined)?.[name], texts);
}

describe('screens', () => {
  test('have one row each, and each row loads one of them', () => {
    const source = readFileSync('src/web/screens.ts', 'utf8');
    const loaded = [...source.matchAll(/import\('\.\/(.+?)'\)\)\.(\w+)/g)].map(([, file = '', name = '']) => {
      assert.match(readFileSync(`src/web/${file}`, 'utf8'), new RegExp(`export function ${name}\\(`));
      return file;
    });
    const there = globSync('**/*-screen.tsx', { cwd: 'src/web' });
    assert.ok(there.length > 8);
    assert.deepEqual(loaded.toSorted(), there.toSorted());
    assert.equal(loaded.length, rows.length);
  });

  test('have addresses of their own, all below /app but the first of all', () => {
    const paths = rows.map(({ path }) => path);
    assert.equal(new Set(paths).size, paths.length);
    for (const path of paths) assert.match(path, /^\/$|^\/app(\/[a-z$-]+)+$/);
  });

  test('need a role exactly where one has to sign in', () => {
    for (const { path, role, frame } of rows) assert.equal(role === undefined, frame === 'none', path);
  });

  test('are listed in a navigation in the order of their rows', () => {
    // More may stand between them.
    const known = ['/', '/app/compare', '/app/add', '/app/settings'];
    const header = placesIn('header').map<string>(({ path }) => path);
    assert.deepEqual(
      header.filter((path) => known.includes(path)),
      known,
    );
    assert.deepEqual(
      placesIn('settings').map(({ path, role }) => [path, role]),
      [
        ['/app/settings', 'viewer'],
        ['/app/settings/tokens', 'viewer'],
        ['/app/settings/deleted', 'viewer'],
        ['/app/settings/users', 'admin'],
        ['/app/settings/audit', 'admin'],
      ],
    );
  });

  test('of the settings are exactly those that its navigation lists', () => {
    const framed = rows.filter(({ frame }) => frame === 'settings').map(({ path }) => path);
    assert.deepEqual(
      placesIn('settings').map<string>(({ path }) => path),
      framed,
    );
  });

  test('have shortcuts of two keys, none of them twice, and none that is a key of a screen', () => {
    const pressed = shortcuts().map(({ row: [keys] }) => keys.join(' '));
    assert.equal(new Set(pressed).size, pressed.length);
    for (const keys of pressed) assert.match(keys, /^g [a-z]$/);
    const single = rows.flatMap(({ keys }) => keys?.rows ?? []).filter(([keys]) => keys.length === 1);
    assert.ok(single.length > 3);
    for (const [[key = '']] of single) assert.ok(!pressed.some((keys) => keys.startsWith(key)), key);
  });

  test('have English names and key descriptions', async () => {
    const keys = rows.flatMap((row) => [
      ...Object.values(row.labels ?? {}),
      ...(row.shortcut === undefined ? [] : [row.shortcut[1]]),
      ...(row.keys === undefined ? [] : [row.keys.title, ...row.keys.rows.map(([, label]) => label)]),
    ]);
    assert.ok(keys.length > 20);
    for (const key of keys) assert.equal(typeof (await englishText(key)), 'string', key);
  });
});
