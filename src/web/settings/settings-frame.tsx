import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitle } from '../layout/use-title.ts';
import { useMay } from '../session/session.ts';
import { EmptyState } from '../ui/states.tsx';

const parts = [
  { to: '/app/settings', label: 'part.general', isForAdmins: false },
  { to: '/app/settings/tokens', label: 'part.tokens', isForAdmins: false },
  { to: '/app/settings/deleted', label: 'part.deleted', isForAdmins: false },
  { to: '/app/settings/users', label: 'part.users', isForAdmins: true },
  { to: '/app/settings/audit', label: 'part.audit', isForAdmins: true },
] as const;

/** Around every part of the settings: their heading, and the way to those that one may see. */
export function SettingsFrame({
  part,
  children,
}: {
  readonly part: (typeof parts)[number]['label'];
  readonly children: ReactNode;
}) {
  const { t } = useTranslation(['access', 'settings', 'common']);
  const isAdmin = useMay('admin');
  const offered = parts.filter(({ isForAdmins }) => isAdmin || !isForAdmins);
  const isAllowed = offered.some(({ label }) => label === part);
  useTitle(part === 'part.general' ? t('settings:title') : t(part));
  return (
    <div className="mx-auto grid w-full max-w-3xl grid-cols-[minmax(0,1fr)] gap-4 p-3 sm:p-4">
      <h1 className="text-xl font-semibold tracking-tight">{t('settings:title')}</h1>
      <nav aria-label={t('parts')} className="flex flex-wrap gap-1 border-b border-line pb-2">
        {offered.map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: true }}
            className="rounded-md px-2 py-1 font-medium text-ink-2 hover:bg-hover hover:text-ink data-[status=active]:bg-hover data-[status=active]:text-ink"
          >
            {t(label)}
          </Link>
        ))}
      </nav>
      {isAllowed ? children : <EmptyState title={t('common:notAllowed')} text={t('adminsOnly')} />}
    </div>
  );
}
