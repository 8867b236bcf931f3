import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Toaster as Sonner } from 'sonner';
import { usePreferences } from '../preferences.ts';
import { toasts } from './toast.ts';

export function Toaster() {
  const { t } = useTranslation();
  const { theme } = usePreferences();
  useEffect(toasts.mounted, []);
  return (
    <Sonner
      theme={theme}
      position="bottom-right"
      containerAriaLabel={t('notifications')}
      toastOptions={{ closeButtonAriaLabel: t('close') }}
    />
  );
}
