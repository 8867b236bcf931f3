import { useTranslation } from 'react-i18next';
import { Toaster as Sonner } from 'sonner';
import { usePreferences } from '../preferences.ts';

export function Toaster() {
  const { t } = useTranslation();
  const { theme } = usePreferences();
  return (
    <Sonner
      theme={theme}
      position="bottom-right"
      containerAriaLabel={t('notifications')}
      toastOptions={{ closeButtonAriaLabel: t('close') }}
    />
  );
}
