import { useTranslation } from 'react-i18next';
import { type Language, languages, setPreferences, usePreferences } from '../preferences.ts';
import { Select } from '../ui/select.tsx';

/** Each in its own words, so that whoever needs it can read it. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', fr: 'Français', 'zh-TW': '繁體中文' };

export function LanguagePicker({ className, id }: { readonly className?: string; readonly id?: string }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const options = languages.map((value) => ({ value, label: languageNames[value] }));
  return (
    <Select
      {...(id === undefined ? { 'aria-label': t('language') } : { id })}
      {...(className === undefined ? {} : { className })}
      options={options}
      value={language === 'qps' ? 'en' : language}
      onChange={(chosen) => setPreferences({ language: chosen })}
    />
  );
}
