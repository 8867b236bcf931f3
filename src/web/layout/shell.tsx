import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { CircleUser } from 'lucide-react';
import { Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { areasOf } from '../i18n/areas.ts';
import { placesIn, shortcuts } from '../screens.ts';
import { useRights } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Banners } from './banners.tsx';
import { LiveIndicator } from './live-indicator.tsx';
import { Logo } from './logo.tsx';
import { useKeys } from './use-keys.ts';
import { part } from '../parts.ts';

// What is not visible at first is loaded on demand.
const KeyHelp = lazy(part(async () => ({ default: (await import('./key-help.tsx')).KeyHelp })));
const UserMenu = lazy(part(async () => ({ default: (await import('./user-menu.tsx')).UserMenu })));

const places = placesIn('header');
const areas = areasOf(places.map(({ label }) => label));

const place =
  'rounded-md px-1.5 py-1 font-medium max-sm:text-small sm:px-2 text-ink-2 hover:bg-hover hover:text-ink ' +
  'data-[status=active]:bg-hover data-[status=active]:text-ink';

/** Around every screen of a signed-in user. */
export function Shell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { t: labelText } = useTranslation(areas);
  const may = useRights();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isMenuWanted, setMenuWanted] = useState(false);
  const ways = shortcuts()
    .filter(({ role }) => may(role))
    .map(({ path, row: [keys] }) => [keys.join(' '), () => void navigate({ to: path })] as const);
  useKeys({ '?': () => setHelpOpen(true), ...Object.fromEntries(ways) });
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only rounded-md bg-accent px-3 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
      >
        {t('skip')}
      </a>
      <header className="print-hidden sticky top-0 z-30 border-b border-line bg-surface">
        <div className="flex h-12 items-center gap-1 px-3 sm:gap-3 sm:px-4">
          <Link to="/" className="flex items-center gap-2 font-semibold tracking-tight" aria-label={t('home')}>
            <Logo className="size-6" />
            <span className="hidden lg:inline">PingMeDaddy</span>
          </Link>
          <nav aria-label={t('nav.label')} className="flex min-w-0 flex-1 gap-0.5 overflow-x-auto">
            {places
              .filter(({ role }) => may(role))
              .map(({ path, label }) => (
                <Link
                  key={path}
                  to={path}
                  activeOptions={{ exact: path === '/', includeSearch: false }}
                  className={place}
                >
                  {labelText(label)}
                </Link>
              ))}
          </nav>
          <LiveIndicator />
          {isMenuWanted ? (
            <Suspense fallback={<MenuButton />}>
              <UserMenu onHelp={() => setHelpOpen(true)} />
            </Suspense>
          ) : (
            <MenuButton onClick={() => setMenuWanted(true)} />
          )}
        </div>
        <Banners />
      </header>
      <main id="content" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
        <Outlet />
      </main>
      {isHelpOpen && (
        <Suspense>
          <KeyHelp open onOpenChange={setHelpOpen} />
        </Suspense>
      )}
    </div>
  );
}

/** What stands for the menu until it is first opened. */
function MenuButton({ onClick }: { readonly onClick?: () => void }) {
  const { t } = useTranslation();
  return (
    <Button look="quiet" size="icon" aria-label={t('menu')} aria-haspopup="menu" onClick={onClick}>
      <CircleUser aria-hidden className="size-5!" />
    </Button>
  );
}
