import { type FocusEvent, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Toaster as Sonner } from 'sonner';
import { usePreferences } from '../preferences.ts';
import { toasts } from './toast.ts';

export function Toaster() {
  const { t } = useTranslation();
  const { theme } = usePreferences();
  useEffect(toasts.mounted, []);
  return (
    <div className="contents" onFocusCapture={keepToSelf}>
      <Sonner
        theme={theme}
        position="bottom-right"
        containerAriaLabel={t('notifications')}
        toastOptions={{ closeButtonAriaLabel: t('close') }}
      />
    </div>
  );
}

/** Leaving a toast by Tab continues on the page; a toaster that saw the focus come would send it back to where it was. */
function keepToSelf(event: FocusEvent): void {
  event.stopPropagation();
}
