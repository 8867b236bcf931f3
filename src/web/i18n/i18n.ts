import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { preferences, subscribe } from '../preferences.ts';
import type { Areas } from './areas.ts';
import { part, reloadAfterUpgrade } from '../parts.ts';
import { pseudoTexts } from './pseudo.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: Areas;
  }
}

/** A text and its key in each language: `./LANGUAGE/AREA.ts`, loaded when a screen first needs it. */
const files = import.meta.glob<{ readonly texts: Texts }>('./*/*.ts');

interface Texts {
  readonly [key: string]: string | Texts;
}

async function readTexts(language: string, area: string): Promise<Texts> {
  const load = files[`./${language === 'qps' ? 'en' : language}/${area}.ts`];
  if (load === undefined) throw new Error(`no texts of ${area} in ${language}`);
  const { texts } = await part(load)().catch((error: unknown) => {
    void reloadAfterUpgrade();
    throw error;
  });
  return language === 'qps' ? pseudoTexts(texts) : texts;
}

export async function startTranslation(): Promise<void> {
  i18next.use({
    type: 'backend',
    init: () => undefined,
    read: (language: string, area: string) => readTexts(language, area),
  });
  await i18next
    .use(initReactI18next)
    .init({
      lng: preferences().language,
      fallbackLng: false,
      ns: ['common'],
      defaultNS: 'common',
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    });
  subscribe(() => {
    if (i18next.language !== preferences().language) void i18next.changeLanguage(preferences().language);
  });
}
