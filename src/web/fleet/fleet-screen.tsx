import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus, SearchX } from 'lucide-react';
import { Suspense, lazy, useCallback, useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type TargetState, targetStates } from '../../core/outage/target-state.ts';
import { useTitle } from '../layout/use-title.ts';
import { useMay } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx';
import { FleetFilters } from './fleet-filters.tsx';
import { arrange } from './data/fleet-order.ts';
import { parseFleetSearch } from './data/fleet-search.ts';
import { FleetSentence } from './fleet-sentence.tsx';
import type { FleetEntry } from './data/fleet-store.ts';
import { FleetTable } from './rows/fleet-table.tsx';
import { useHeldOrder } from './data/held-order.ts';
import { useSelection } from './data/selection.ts';
import { TileMap, Tiles } from './rows/tiles.tsx';
import { useFleet, useStateVersion } from './data/use-fleet.ts';
import { part } from '../parts.ts';

const BulkBar = lazy(part(async () => ({ default: (await import('./bulk-bar.tsx')).BulkBar })));
const FirstRun = lazy(part(async () => ({ default: (await import('../add/first-run.tsx')).FirstRun })));

/** Home: the state of everything, at a glance and in figures. */
export function FleetScreen() {
  const { t } = useTranslation(['fleet', 'common']);
  const mayAdd = useMay('operator');
  const { store, query } = useFleet();
  const search = useSearch({ from: '/inside/' });
  const navigate = useNavigate({ from: '/' });
  const onSearch = useCallback(
    (change: Readonly<Record<string, unknown>>) =>
      void navigate({ search: (before) => parseFleetSearch({ ...before, ...change }), replace: true }),
    [navigate],
  );
  const keepSelection = useCallback((sel: string | undefined) => onSearch({ sel }), [onSearch]);
  const selection = useSelection(search.sel, keepSelection);
  const version = useStateVersion(store);
  const { data } = query;
  const entries = useMemo(
    () =>
      (data?.targets ?? [])
        .map(({ id }) => store.entry(id))
        .filter((entry): entry is FleetEntry => entry !== undefined),
    // The entries change in place; the version increases when one changes its state.
    [store, data, version],
  );
  // The selection does not change what is shown.
  const wantedText = useDeferredValue(JSON.stringify({ ...search, sel: undefined }));
  const wanted = useMemo(() => parseFleetSearch(JSON.parse(wantedText) as Record<string, unknown>), [wantedText]);
  const arranged = useMemo(() => arrange(entries, wanted), [entries, wanted]);
  const [isInTable, setInTable] = useState(false);
  const isHeld = isInTable || selection.ids.size > 0;
  const shown = useHeldOrder(arranged, entries, { isHeld, wanted });
  const counts = useMemo(() => countStates(entries), [entries]);
  const tags = useMemo(() => [...new Set(entries.flatMap(({ target }) => target.tags))].sort(), [entries]);
  const onSort = useCallback((sort: string | undefined) => onSearch({ sort }), [onSearch]);
  useTitle(counts.down > 0 ? t('titleDown', { count: counts.down }) : t('title'));

  if (data === undefined) {
    return query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <Loading />;
  }
  if (data.targets.length === 0 && !mayAdd) {
    return <EmptyState isPage title={t('common:nothingYet')} text={t('common:readsOnly')} />;
  }
  if (data.targets.length === 0) {
    return (
      <Suspense fallback={<Loading />}>
        <FirstRun />
      </Suspense>
    );
  }
  return (
    <div className="mx-auto flex w-full max-w-(--wide) flex-1 flex-col gap-3 p-3 sm:p-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <FleetSentence counts={counts} uplink={data.uplink} />
        {mayAdd && (
          <Button asChild look="primary" className="print-hidden">
            <Link to="/app/add">
              <Plus aria-hidden />
              {t('addTargets')}
            </Link>
          </Button>
        )}
      </div>
      <FleetFilters search={search} onSearch={onSearch} counts={counts} tags={tags} />
      {shown.length === 0 ? (
        <EmptyState title={t('nothingFound')} text={t('nothingFoundText')} icon={<SearchX aria-hidden />}>
          <Button onClick={() => onSearch({ q: undefined, state: undefined, tag: undefined })}>{t('showAll')}</Button>
        </EmptyState>
      ) : search.view === 'tiles' ? (
        <Tiles store={store} entries={shown} />
      ) : (
        <>
          {entries.length > 12 && <TileMap entries={shown} />}
          <FleetTable {...{ store, selection, onSort }} entries={shown} sort={search.sort} onPresence={setInTable} />
        </>
      )}
      {selection.ids.size > 0 && (
        <Suspense>
          <BulkBar selection={selection} known={tags} />
        </Suspense>
      )}
    </div>
  );
}

function countStates(entries: readonly FleetEntry[]): Readonly<Record<TargetState, number>> {
  const counts = Object.fromEntries(targetStates.map((state) => [state, 0])) as Record<TargetState, number>;
  for (const { state } of entries) counts[state]++;
  return counts;
}
