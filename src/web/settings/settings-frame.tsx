import { Link, Outlet, useMatches } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { areasOf } from '../i18n/areas.ts';
import { useTitle } from '../layout/use-title.ts';
import { placesIn } from '../screens.ts';
import { useRights } from '../session/session.ts';

const parts = placesIn('settings');
const areas = areasOf(parts.map(({ label }) => label));

/** Around every part of the settings: their heading, and the navigation to those that the user may see. */
export function SettingsFrame() {
  const { t } = useTranslation(['access', 'settings']);
  const { t: labelText } = useTranslation(areas);
  const may = useRights();
  const here = useMatches({ select: (matches) => matches.at(-1)?.fullPath });
  const part = parts.find(({ path }) => path === here);
  // The first part has the name of the whole.
  useTitle(part === undefined || part === parts[0] ? t('settings:title') : labelText(part.label));
  return (
    <div className="mx-auto grid w-full max-w-3xl grid-cols-[minmax(0,1fr)] gap-4 p-3 sm:p-4">
      <h1 className="text-xl font-semibold tracking-tight">{t('settings:title')}</h1>
      <nav aria-label={t('parts')} className="flex flex-wrap gap-1 border-b border-line pb-2">
        {parts
          .filter(({ role }) => may(role))
          .map(({ path, label }) => (
            <Link
              key={path}
              to={path}
              activeOptions={{ exact: true }}
              className="rounded-md px-2 py-1 font-medium text-ink-2 hover:bg-hover hover:text-ink data-[status=active]:bg-hover data-[status=active]:text-ink"
            >
              {labelText(label)}
            </Link>
          ))}
      </nav>
      <Outlet />
    </div>
  );
}
