import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { languageOf, languages, parseLanguage, preferredLanguage } from './languages.ts';

const tags = languages.map(({ tag }) => tag);

describe('languages', () => {
  test('are one row per tag, with a locale that Intl supports', () => {
    assert.equal(new Set(tags).size, tags.length);
    for (const { tag, locale } of languages) {
      assert.deepEqual(Intl.getCanonicalLocales(tag), [tag]);
      assert.deepEqual(Intl.DateTimeFormat.supportedLocalesOf(locale), [locale]);
    }
  });

  test('have the direction of their script', () => {
    for (const { locale, direction } of languages) {
      assert.equal(new Intl.Locale(locale).getTextInfo().direction, direction, locale);
    }
  });

  test('are read from what a browser has stored; anything else is not a language', () => {
    for (const tag of [...tags, 'qps'] as const) assert.equal(parseLanguage(tag), tag);
    for (const other of ['de', 'EN', '', null, undefined, 7]) assert.equal(parseLanguage(other), undefined);
    assert.equal(languageOf('qps').locale, 'en');
  });

  test.each([
    [['fr-CA'], 'fr'],
    [['en-US@posix'], 'en'],
    [['de', 'en-GB', 'fr'], 'en'],
    [['zh-HK'], 'zh-TW'],
    [['zh-Hant'], 'zh-TW'],
    [['zh-Hans-TW'], 'zh-TW'],
    [['zh-CN', 'fr'], 'fr'],
    [['zh'], undefined],
    [['C', 'not a tag'], undefined],
    [[], undefined],
  ])('%j reads %s', (wanted, expected) => {
    assert.equal(preferredLanguage(wanted, tags), expected);
  });

  test('of one language are distinguished by region', () => {
    assert.equal(preferredLanguage(['pt-PT'], ['pt-BR', 'pt-PT']), 'pt-PT');
    assert.equal(preferredLanguage(['pt-AO'], ['pt-BR', 'pt-PT']), 'pt-BR');
    assert.equal(preferredLanguage(['zh-SG'], ['zh-TW', 'zh-CN']), 'zh-CN');
  });
});
