import './web.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, Suspense, lazy, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { startTranslation } from './i18n/i18n.ts';
import { applyPreferences } from './preferences.ts';
import { queryClient } from './query.ts';
import { router } from './router.tsx';
import { watchSession } from './session/session.ts';
import { toasts } from './ui/toast.ts';
import { basePath, isBelowBasePath } from './base-path.ts';
import { part } from './parts.ts';

const Toaster = lazy(part(async () => ({ default: (await import('./ui/toaster.tsx')).Toaster })));

declare global {
  /** Where libraries that create style elements look for the nonce that the content security policy requires. */
  var __webpack_nonce__: string | undefined;
}

globalThis.__webpack_nonce__ = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.nonce;

function Toasts() {
  const isWanted = useSyncExternalStore(toasts.subscribe, toasts.isWanted);
  return isWanted && <Suspense children={<Toaster />} />;
}

if (!isBelowBasePath()) location.replace(`${basePath}${location.pathname}${location.search}${location.hash}`);
applyPreferences();
watchSession(() => {
  const { href, pathname } = router.state.location;
  if (pathname === '/app/sign-in') return;
  void router.navigate({ to: '/app/sign-in', search: { next: href, reason: 'expired' } });
});

const element = document.getElementById('root');
if (element === null) throw new Error('the page has no place for the dashboard');
await startTranslation();
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Suspense>
        <RouterProvider router={router} />
      </Suspense>
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);
