import type { i18n } from 'i18next';
import type { Texts } from './areas.ts';
import { sourceLanguage } from './languages.ts';
import { pseudoTexts } from './pseudo.ts';

/** What loads the texts of an area in a language, by `./LANGUAGE/AREA.ts`. */
export type TextFiles = Readonly<Record<string, () => Promise<{ readonly texts: Texts }>>>;

/** Starts `instance`, which loads an area when a screen first needs it. */
export async function startInstance(instance: i18n, files: TextFiles, tag: string): Promise<void> {
  instance.use({
    type: 'backend',
    callbackApi: false,
    init: () => undefined,
    read: (language: string, area: string) => readTexts(files, language, area),
  });
  await instance.init({
    lng: tag,
    // An area arrives complete: a fallback language would be loaded separately, and screens do not wait for both.
    fallbackLng: false,
    // Not `zh` as well for `zh-TW`: a language is one folder.
    load: 'currentOnly',
    ns: ['common'],
    defaultNS: 'common',
    interpolation: { escapeValue: false },
    react: { useSuspense: true },
  });
}

/** The texts of an area, in English where the language lacks some or all of them. */
async function readTexts(files: TextFiles, tag: string, area: string): Promise<Texts> {
  const load = async (language: string): Promise<Texts> => (await files[`./${language}/${area}.ts`]?.())?.texts ?? {};
  if (files[`./${sourceLanguage}/${area}.ts`] === undefined) throw new Error(`no texts of ${area}`);
  if (tag === sourceLanguage) return load(tag);
  if (tag === 'qps') return pseudoTexts(await load(sourceLanguage));
  const rules = new Intl.PluralRules(tag);
  const [english, own] = await Promise.all([load(sourceLanguage), load(tag)]);
  return merged(withEveryPlural(english, rules), withEveryPlural(own, rules));
}

function merged(base: Texts, over: Texts): Texts {
  const all: Record<string, string | Texts> = { ...base };
  for (const [key, text] of Object.entries(over)) {
    const below = base[key];
    all[key] = typeof text === 'string' || typeof below !== 'object' ? text : merged(below, text);
  }
  return all;
}

/** A plural form without a text of its own, such as the French one for millions, uses that of `_other`. */
function withEveryPlural(texts: Texts, rules: Intl.PluralRules): Texts {
  const { pluralCategories } = rules.resolvedOptions();
  const full: Record<string, string | Texts> = {};
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text !== 'string') full[key] = withEveryPlural(text, rules);
    else {
      full[key] = text;
      if (!key.endsWith('_other')) continue;
      for (const category of pluralCategories) {
        const form = key.replace(/other$/, category);
        full[form] = texts[form] ?? text;
      }
    }
  }
  return full;
}
