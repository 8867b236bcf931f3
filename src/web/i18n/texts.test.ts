import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { describe, test } from 'vitest';
import { pseudoTexts } from './pseudo.ts';

interface Texts {
  readonly [key: string]: string | Texts;
}

const languages = ['en', 'fr', 'zh-TW'];
const areas = globSync('src/web/i18n/en/*.ts').map((path) => basename(path, '.ts'));

async function textsOf(language: string, area: string): Promise<ReadonlyMap<string, string>> {
  const { texts } = (await import(resolve(`src/web/i18n/${language}/${area}.ts`))) as { readonly texts: Texts };
  return new Map(flat(texts, ''));
}

function flat(texts: Texts, path: string): [string, string][] {
  return Object.entries(texts).flatMap(([key, text]): [string, string][] =>
    typeof text === 'string' ? [[path + key, text]] : flat(text, `${path}${key}.`),
  );
}

function placeholdersOf(text: string | undefined): readonly string[] {
  return [...(text ?? '').matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1] ?? '').sort();
}

describe('texts', () => {
  test('every language has a file for every area', () => {
    assert.ok(areas.length >= 5);
    for (const language of languages) {
      const there = globSync(`src/web/i18n/${language}/*.ts`).map((path) => basename(path, '.ts'));
      assert.deepEqual(there.sort(), [...areas].sort(), language);
    }
  });

  for (const area of areas) {
    test(`${area} has the same keys and placeholders in every language, none of them empty`, async () => {
      const english = await textsOf('en', area);
      for (const language of languages) {
        const texts = await textsOf(language, area);
        assert.deepEqual([...texts.keys()].sort(), [...english.keys()].sort(), language);
        for (const [key, text] of texts) {
          assert.notEqual(text.trim(), '', `${language} ${key}`);
          assert.deepEqual(placeholdersOf(text), placeholdersOf(english.get(key)), `${language} ${key}`);
        }
      }
    });
  }

  test('the pseudo-language marks each text and leaves its placeholders alone', () => {
    assert.deepEqual(pseudoTexts({ a: { b: 'Sign in {{count}}' } }), { a: { b: '⟦Sîĝñ îñ {{count}}······⟧' } });
  });
});
