import {
  type AnyRoute,
  type ResolveFullPath,
  type ResolveId,
  type Route,
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
import { type Screen, type ScreenRow, screens } from './screens.ts';
import { sessionQuery, useMay } from './session/session.ts';
import { NotAllowed } from './layout/not-allowed.tsx';
import { NotFound } from './layout/not-found.tsx';
import { Shell } from './layout/shell.tsx';
import { ErrorState, Loading } from './ui/states.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

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

const settings = createRoute({
  getParentRoute: () => inside,
  id: 'settings',
  component: lazyRouteComponent(
    part(() => import('./settings/settings-frame.tsx')),
    'SettingsFrame',
  ),
});

const routeTree = root.addChildren([
  ...routesIn('none', root),
  inside.addChildren([...routesIn('header', inside), settings.addChildren(routesIn('settings', settings))]),
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

type Frame = ScreenRow['frame'];
type RouteOf<Parent extends AnyRoute, Row> = Row extends { readonly path: infer Path extends string }
  ? Route<
      unknown,
      Parent,
      Path,
      ResolveFullPath<Parent, Path>,
      string,
      ResolveId<Parent, string, Path>,
      Row extends { readonly search: infer Parse } ? Parse : undefined
    >
  : never;

function routesIn<Name extends Frame, Parent extends AnyRoute>(
  frame: Name,
  parent: Parent,
): RouteOf<Parent, Extract<ScreenRow, { readonly frame: Name }>>[] {
  const rows: readonly Screen[] = screens;
  const routes = rows
    .filter((row) => row.frame === frame)
    .map((row) =>
      createRoute({
        getParentRoute: () => parent,
        path: row.path,
        ...(row.search === undefined ? {} : { validateSearch: row.search }),
        component: componentOf(row),
      }),
    );
  // The type of each row is lost when all of them pass through one function.
  return routes as never;
}

/** The screen once it is loaded, or why the reader may not see it. */
function componentOf({ load, role, frame }: Screen) {
  const Content = lazyRouteComponent(part(async () => ({ default: await load() })));
  if (role === undefined) return Content;
  const Gated = () => (useMay(role) ? <Content /> : <NotAllowed needed={role} isPage={frame !== 'settings'} />);
  return Object.assign(Gated, { preload: () => Content.preload?.() });
}
