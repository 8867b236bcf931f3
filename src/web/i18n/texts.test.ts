import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { createInstance } from 'i18next';
import { describe, test } from 'vitest';
import type { Texts } from './areas.ts';
import { languageOf, languages, sourceLanguage } from './languages.ts';
import { pseudoTexts } from './pseudo.ts';
import { type TextFiles, startInstance } from './translation.ts';

const folder = 'src/web/i18n';
const files: TextFiles = Object.fromEntries(
  globSync(`${folder}/*/*.ts`).map((path) => [
    `./${relative(folder, path)}`,
    async () => (await import(resolve(path))) as { readonly texts: Texts },
  ]),
);
const areas = globSync(`${folder}/${sourceLanguage}/*.ts`).map((path) => basename(path, '.ts'));

async function textsOf(language: string, area: string): Promise<ReadonlyMap<string, string>> {
  const module = await files[`./${language}/${area}.ts`]?.();
  return new Map(flat(module?.texts ?? {}, ''));
}

function flat(texts: Texts, path: string): [string, string][] {
  return Object.entries(texts).flatMap(([key, text]): [string, string][] =>
    typeof text === 'string' ? [[path + key, text]] : flat(text, `${path}${key}.`),
  );
}

function placeholdersOf(text: string | undefined): readonly string[] {
  return [...(text ?? '').matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1] ?? '').sort();
}

/** The keys that a language needs: those of English, its plurals in the forms that this language has for everyday counts. */
function keysNeeded(english: Iterable<string>, tag: string): readonly string[] {
  const rules = new Intl.PluralRules(tag);
  const forms = new Set(Array.from({ length: 1000 }, (_, count) => rules.select(count)));
  const keys = [...english].flatMap((key) => {
    if (key.endsWith('_one')) return [];
    return key.endsWith('_other') ? [...forms].map((form) => key.replace(/other$/, form)) : [key];
  });
  return [...new Set(keys)];
}

/** What is missing in a language, as `AREA:KEY`. */
async function missingTexts(tag: string): Promise<readonly string[]> {
  const missing = await Promise.all(
    areas.map(async (area) => {
      const [english, texts] = await Promise.all([textsOf(sourceLanguage, area), textsOf(tag, area)]);
      return keysNeeded(english.keys(), tag)
        .filter((key) => (texts.get(key) ?? '').trim() === '')
        .map((key) => `${area}:${key}`);
    }),
  );
  return missing.flat().sort();
}

async function translationIn(tag: string, given: TextFiles) {
  const instance = createInstance();
  await startInstance(instance, given, tag);
  return instance;
}

describe('texts', () => {
  test.each(languages.map(({ tag }) => tag))(
    'missing in %s are listed, and a complete language has none',
    async (tag) => {
      const missing = await missingTexts(tag);
      const { isComplete } = languageOf(tag);
      if (!isComplete)
        process.stdout.write(`${missing.length} texts are missing in ${tag}:\n  ${missing.join('\n  ')}\n`);
      assert.deepEqual(isComplete ? missing : [], []);
    },
  );

  test('of a language without a file are all missing', async () => {
    const english = await Promise.all(areas.map((area) => textsOf(sourceLanguage, area)));
    const missing = await missingTexts('ru');
    assert.ok(missing.includes('common:nav.fleet'));
    assert.ok(missing.includes('settings:days_few'), 'Russian has a form for few');
    assert.ok(missing.length >= english.flatMap((texts) => [...texts.keys()]).length);
  });

  test('are of languages and areas that are known', () => {
    assert.ok(areas.length >= 5);
    const known = languages.flatMap(({ tag }) => areas.map((area) => `./${tag}/${area}.ts`));
    assert.deepEqual(
      Object.keys(files).filter((path) => !known.includes(path)),
      [],
    );
  });

  for (const area of areas) {
    test(`of ${area} have the placeholders of the English ones, and none is unknown or empty`, async () => {
      const english = await textsOf(sourceLanguage, area);
      for (const { tag } of languages) {
        const known = new Set([...english.keys(), ...keysNeeded(english.keys(), tag)]);
        for (const [key, text] of await textsOf(tag, area)) {
          assert.ok(known.has(key), `${tag} ${key}`);
          assert.notEqual(text.trim(), '', `${tag} ${key}`);
          const source = english.get(key) ?? english.get(key.replace(/_\w+$/, '_other'));
          assert.deepEqual(placeholdersOf(text), placeholdersOf(source), `${tag} ${key}`);
        }
      }
    });
  }

  test('in the pseudo-language are marked, and keep their placeholders', () => {
    assert.deepEqual(pseudoTexts({ a: { b: 'Sign in {{count}}' } }), { a: { b: '⟦Sîĝñ îñ {{count}}······⟧' } });
  });
});

describe('a translation', () => {
  const read = (texts: Texts) => () => Promise.resolve({ texts });
  const english = { './en/common.ts': read({ retry: 'Try again', nav: { add: 'Add', fleet: 'Fleet' } }) };

  test('without any file is English', async () => {
    const { t } = await translationIn('nl', english);
    assert.equal(t('retry'), 'Try again');
    assert.equal(t('nav.fleet'), 'Fleet');
  });

  test('that lacks texts has the English ones instead', async () => {
    const { t } = await translationIn('nl', { ...english, './nl/common.ts': read({ nav: { add: 'Toevoegen' } }) });
    assert.equal(t('nav.add'), 'Toevoegen');
    assert.equal(t('nav.fleet'), 'Fleet');
    assert.equal(t('retry'), 'Try again');
  });

  test('without the file of a later area is English there', async () => {
    const instance = await translationIn('fr', { ...files, './fr/path.ts': undefined as never });
    await instance.loadNamespaces(['path', 'fleet']);
    const path = await textsOf('en', 'path');
    assert.equal(instance.t('path:title', { name: 'x' }), path.get('title')?.replace('{{name}}', 'x'));
    assert.equal(instance.t('fleet:title'), (await textsOf('fr', 'fleet')).get('title'));
  });

  test('is ready with its gaps filled, in whatever order the files arrive', async () => {
    const slow = Promise.withResolvers<{ readonly texts: Texts }>();
    const instance = createInstance();
    const started = startInstance(
      instance,
      { './en/common.ts': () => slow.promise, './nl/common.ts': read({ nav: { add: 'Toevoegen' } }) },
      'nl',
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(instance.hasLoadedNamespace('common'), false);
    slow.resolve({ texts: { retry: 'Try again', nav: { add: 'Add', fleet: 'Fleet' } } });
    await started;
    assert.deepEqual([instance.t('nav.add'), instance.t('nav.fleet')], ['Toevoegen', 'Fleet']);
  });

  test('that lacks a plural uses the English one for every form of its own', async () => {
    const days = { days_one: '{{count}} day', days_other: '{{count}} days' };
    const { t } = await translationIn('ru', { './en/common.ts': read(days) });
    const text = t as unknown as (key: string, values: { readonly count: number }) => string;
    assert.deepEqual(
      [1, 3, 5].map((count) => text('days', { count })),
      ['1 day', '3 days', '5 days'],
    );
  });

  test('needs no text for a plural form as rare as the French one for millions', async () => {
    const { t } = await translationIn('fr', files);
    assert.equal(new Intl.PluralRules('fr').select(1_000_000), 'many');
    assert.match(t('server.dropped', { count: 1_000_000 }), /^1\s000\s000 résultats/u);
    assert.match(t('server.dropped', { count: 1 }), /^1 résultat /);
  });

  test('of an area that English lacks is a mistake', async () => {
    const instance = await translationIn('en', files);
    await instance.loadNamespaces(['nowhere']);
    assert.equal(instance.hasResourceBundle('en', 'nowhere'), false);
  });
});
