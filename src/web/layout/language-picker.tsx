import { useTranslation } from 'react-i18next';
import { languages, sourceLanguage } from '../i18n/languages.ts';
import { setPreferences, usePreferences } from '../preferences.ts';
import { Select } from '../ui/select.tsx';

export function LanguagePicker({ className, id }: { readonly className?: string; readonly id?: string }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const options = languages.map(({ tag, name }) => ({ value: tag, label: name }));
  return (
    <Select
      {...(id === undefined ? { 'aria-label': t('language') } : { id })}
      {...(className === undefined ? {} : { className })}
      options={options}
      value={languages.find(({ tag }) => tag === language)?.tag ?? sourceLanguage}
      onChange={(chosen) => setPreferences({ language: chosen })}
    />
  );
}
