import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { preferences, subscribe } from '../preferences.ts';
import type { Areas, Texts } from './areas.ts';
import { part, reloadAfterUpgrade } from '../parts.ts';
import { type TextFiles, startInstance } from './translation.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: Areas;
  }
}

const files: TextFiles = Object.fromEntries(
  Object.entries(import.meta.glob<{ readonly texts: Texts }>('./*/*.ts')).map(([path, load]) => [
    path,
    () =>
      part(load)().catch((error: unknown) => {
        void reloadAfterUpgrade();
        throw error;
      }),
  ]),
);

export async function startTranslation(): Promise<void> {
  await startInstance(i18next.use(initReactI18next), files, preferences().language);
  subscribe(() => {
    if (i18next.language !== preferences().language) void i18next.changeLanguage(preferences().language);
  });
}
