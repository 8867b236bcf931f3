import type { ReactNode } from 'react';
import type { Role } from '../core/role.ts';
import { parseFleetSearch } from './fleet/data/fleet-search.ts';
import type { TextKey } from './i18n/areas.ts';
import { parseSignInSearch } from './session/sign-in-search.ts';

interface Labels {
  readonly header?: TextKey;
  readonly settings?: TextKey;
}

/** A key, or several for one purpose, with the text of the key help. */
export type KeyRow = readonly [keys: readonly string[], label: TextKey];

export interface Screen {
  readonly path: string;
  /** Loads the screen when it is first opened. */
  readonly load: () => Promise<() => ReactNode>;
  /** What surrounds it: nothing, the header, or the header and the navigation of the settings. */
  readonly frame: 'none' | 'header' | 'settings';
  /** Who may see it. Others are not offered it, and read why at its address. Absent: everyone, also before signing in. */
  readonly role?: Role;
  /** Its labels in the navigations that list it, in the order of the rows. */
  readonly labels?: Labels;
  /** Pressed one after the other, they open it from every screen. */
  readonly shortcut?: KeyRow;
  /** The keys that it handles, as a group of the key help. */
  readonly keys?: { readonly title: TextKey; readonly rows: readonly KeyRow[] };
  /** Parses the query of its address. */
  readonly search?: (search: Record<string, unknown>) => object;
}

/**
 * Every screen. A new one is a row here, and the component that the row loads. Router, navigations and key help are made from
 * this table.
 */
export const screens = [
  {
    path: '/app/sign-in',
    load: async () => (await import('./session/sign-in-screen.tsx')).SignInScreen,
    frame: 'none',
    search: parseSignInSearch,
  },
  {
    path: '/',
    load: async () => (await import('./fleet/fleet-screen.tsx')).FleetScreen,
    frame: 'header',
    role: 'viewer',
    labels: { header: 'common:nav.fleet' },
    shortcut: [['g', 'f'], 'common:keys.fleet'],
    keys: {
      title: 'common:keys.inFleet',
      rows: [
        [['/'], 'common:keys.search'],
        [['↑', '↓'], 'common:keys.move'],
        [['j', 'k'], 'common:keys.move'],
        [['Enter'], 'common:keys.open'],
        [['x'], 'common:keys.select'],
        [['Shift', '↑', '↓'], 'common:keys.selectMore'],
        [['a'], 'common:keys.selectAll'],
      ],
    },
    search: parseFleetSearch,
  },
  {
    path: '/app/targets/$id',
    load: async () => (await import('./target/target-screen.tsx')).TargetScreen,
    frame: 'header',
    role: 'viewer',
    // All charts take them.
    keys: {
      title: 'common:keys.inCharts',
      rows: [
        [['←', '→'], 'common:keys.pan'],
        [['↑', '↓'], 'common:keys.zoom'],
        [['+', '−'], 'common:keys.zoom'],
        [[',', '.'], 'common:keys.point'],
        [['Home', 'End'], 'common:keys.ends'],
      ],
    },
  },
  {
    path: '/app/targets/$id/path',
    load: async () => (await import('./path/path-screen.tsx')).PathScreen,
    frame: 'header',
    role: 'viewer',
  },
  {
    path: '/app/compare',
    load: async () => (await import('./compare/compare-screen.tsx')).CompareScreen,
    frame: 'header',
    role: 'viewer',
    labels: { header: 'common:nav.compare' },
    shortcut: [['g', 'c'], 'common:keys.compare'],
  },
  {
    path: '/app/add',
    load: async () => (await import('./add/add-screen.tsx')).AddScreen,
    frame: 'header',
    role: 'operator',
    labels: { header: 'common:nav.add' },
    shortcut: [['g', 'a'], 'common:keys.add'],
  },
  {
    path: '/app/settings',
    load: async () => (await import('./settings/settings-screen.tsx')).SettingsScreen,
    frame: 'settings',
    role: 'viewer',
    labels: { header: 'common:nav.settings', settings: 'access:part.general' },
    shortcut: [['g', 's'], 'common:keys.settings'],
  },
  {
    path: '/app/settings/tokens',
    load: async () => (await import('./settings/tokens-screen.tsx')).TokensScreen,
    frame: 'settings',
    role: 'viewer',
    labels: { settings: 'access:part.tokens' },
  },
  {
    path: '/app/settings/deleted',
    load: async () => (await import('./settings/deleted-screen.tsx')).DeletedScreen,
    frame: 'settings',
    role: 'viewer',
    labels: { settings: 'access:part.deleted' },
  },
  {
    path: '/app/settings/users',
    load: async () => (await import('./settings/users-screen.tsx')).UsersScreen,
    frame: 'settings',
    role: 'admin',
    labels: { settings: 'access:part.users' },
  },
  {
    path: '/app/settings/audit',
    load: async () => (await import('./settings/audit-screen.tsx')).AuditScreen,
    frame: 'settings',
    role: 'admin',
    labels: { settings: 'access:part.audit' },
  },
] as const satisfies readonly Screen[];

export type ScreenRow = (typeof screens)[number];

/** The entries of a navigation, and the roles that may see them. */
export function placesIn(navigation: keyof Labels) {
  return screens.flatMap((screen) => {
    if (!('labels' in screen)) return [];
    const labels: Labels = screen.labels;
    const label = labels[navigation];
    return label === undefined ? [] : [{ path: screen.path, role: screen.role, label }];
  });
}

/** The shortcuts to screens, and the roles that may use them. */
export function shortcuts() {
  return screens.flatMap((screen) =>
    'shortcut' in screen ? [{ path: screen.path, role: screen.role, row: screen.shortcut }] : [],
  );
}
