import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { basePath } from './base-path.ts';
import { part } from './parts.ts';
import { queryClient } from './query.ts';
import { sessionQuery } from './session/session.ts';
import { Shell } from './layout/shell.tsx';
import { NotFound } from './layout/not-found.tsx';
import { ErrorState, Loading } from './ui/states.tsx';
import { parseFleetSearch } from './fleet/data/fleet-search.ts';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/app/sign-in',
  validateSearch: (search: Record<string, unknown>): { readonly next?: string; readonly reason?: 'expired' } => ({
    ...(isOwnAddress(search['next']) ? { next: search['next'] } : {}),
    ...(search['reason'] === 'expired' ? { reason: 'expired' } : {}),
  }),
  component: lazyRouteComponent(
    part(() => import('./session/sign-in-screen.tsx')),
    'SignInScreen',
  ),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ location }) => {
    const { user } = await queryClient.ensureQueryData(sessionQuery);
    if (user !== null) return;
    throw redirect({ to: '/app/sign-in', search: location.href === '/' ? {} : { next: location.href } });
  },
  component: Shell,
});

const fleet = createRoute({
  getParentRoute: () => inside,
  path: '/',
  validateSearch: parseFleetSearch,
  component: lazyRouteComponent(
    part(() => import('./fleet/fleet-screen.tsx')),
    'FleetScreen',
  ),
});
const target = createRoute({
  getParentRoute: () => inside,
  path: '/app/targets/$id',
  component: lazyRouteComponent(
    part(() => import('./target/target-screen.tsx')),
    'TargetScreen',
  ),
});
const path = createRoute({
  getParentRoute: () => inside,
  path: '/app/targets/$id/path',
  component: lazyRouteComponent(
    part(() => import('./path/path-screen.tsx')),
    'PathScreen',
  ),
});
const compare = createRoute({
  getParentRoute: () => inside,
  path: '/app/compare',
  component: lazyRouteComponent(
    part(() => import('./compare/compare-screen.tsx')),
    'CompareScreen',
  ),
});
const add = createRoute({
  getParentRoute: () => inside,
  path: '/app/add',
  component: lazyRouteComponent(
    part(() => import('./add/add-screen.tsx')),
    'AddScreen',
  ),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/app/settings',
  component: lazyRouteComponent(
    part(() => import('./settings/settings-screen.tsx')),
    'SettingsScreen',
  ),
});
const tokens = createRoute({
  getParentRoute: () => inside,
  path: '/app/settings/tokens',
  component: lazyRouteComponent(
    part(() => import('./settings/tokens-screen.tsx')),
    'TokensScreen',
  ),
});
const deleted = createRoute({
  getParentRoute: () => inside,
  path: '/app/settings/deleted',
  component: lazyRouteComponent(
    part(() => import('./settings/deleted-screen.tsx')),
    'DeletedScreen',
  ),
});
const users = createRoute({
  getParentRoute: () => inside,
  path: '/app/settings/users',
  component: lazyRouteComponent(
    part(() => import('./settings/users-screen.tsx')),
    'UsersScreen',
  ),
});
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/app/settings/audit',
  component: lazyRouteComponent(
    part(() => import('./settings/audit-screen.tsx')),
    'AuditScreen',
  ),
});

const routeTree = root.addChildren([
  signIn,
  inside.addChildren([fleet, target, path, compare, add, settings, tokens, deleted, users, audit]),
]);

export const router = createRouter({
  routeTree,
  basepath: basePath === '' ? '/' : basePath,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultPendingMs: 300,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** Only our own screens: an address that leads elsewhere is not followed after signing in. */
function isOwnAddress(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value);
}
