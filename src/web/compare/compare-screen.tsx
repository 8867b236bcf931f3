import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GitCompareArrows, Plus, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { showInsights } from '../../contract/history/insights.ts';
import { listTargets, type TargetShape } from '../../contract/targets/targets.ts';
import { nameOf } from '../../contract/targets/target-place.ts';
import { api } from '../api.ts';
import { DataTable } from '../charts/table-twin.tsx';
import { useFormat } from '../i18n/format.ts';
import { useTitle } from '../layout/use-title.ts';
import { RangeBar } from '../target/history/range-bar.tsx';
import type { Selection } from '../target/history/range.ts';
import { useSearchValues } from '../target/history/use-search-values.ts';
import { useClock, useRestingSelection, useTimeAxis } from '../target/history/use-target-charts.ts';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/card.tsx';
import { Input } from '../ui/input.tsx';
import { Popover, PopoverContent, PopoverTrigger } from '../ui/popover.tsx';
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx';
import { CompareChart } from './compare-chart.tsx';
import { type Compared, type ComparedIds, comparedOf, idsIn, isFound, targetsMax, weekMillis } from './compared.ts';
import { LineMark } from './line-mark.tsx';

/** Two to eight targets on one axis, or one and its previous week. */
export function CompareScreen() {
  const { t } = useTranslation('compare');
  // The charts' texts come with the screen: fetched later they would remove it for a moment.
  useTranslation('target');
  useTitle(t('title'));
  const targets = useQuery({ queryKey: ['targets'], queryFn: ({ signal }) => api.call(listTargets, { signal }) });
  if (targets.data !== undefined) return <CompareContent targets={targets.data} />;
  if (targets.isError) return <ErrorState error={targets.error} onRetry={() => void targets.refetch()} />;
  return <Loading />;
}

function CompareContent({ targets }: { readonly targets: readonly TargetShape[] }) {
  const { t } = useTranslation('compare');
  const [search, setSearch] = useSearchValues();
  const axis = useTimeAxis();
  const selection = useRestingSelection(axis);
  useClock(axis, undefined);
  // The boxes change at once; the address follows.
  const [ids, setIds] = useState(() => idsIn(search['ids'], targets).shown);
  const [said, setSaid] = useState(search['ids']);
  const [awaited, setAwaited] = useState<string>();
  if (said !== search['ids']) {
    setSaid(search['ids']);
    // An address that is still to be applied may be older than the last click.
    if (awaited === undefined || awaited === search['ids']) {
      setAwaited(undefined);
      setIds(idsIn(search['ids'], targets).shown);
    }
  }
  const hasWeeks = search['weeks'] === '1' && ids.length === 1;
  const [idsText, first] = [ids.join(','), targets.find(({ id }) => id === ids[0])];
  const compared = useMemo(
    () => comparedOf(targets, { idsText, hasWeeks, beforeName: (name) => t('weekBefore', { name }) }),
    [targets, idsText, hasWeeks, t],
  );
  const choose = (next: readonly number[]): void => {
    setIds(next);
    setAwaited(next.length === 0 ? undefined : next.join(','));
    setSearch({
      ids: next.length === 0 ? undefined : next.join(','),
      weeks: next.length === 1 ? search['weeks'] : undefined,
    });
  };

  return (
    <div className="mx-auto grid w-full max-w-(--wide) grid-cols-[minmax(0,1fr)] gap-3 p-3 sm:gap-4 sm:p-4">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight">{t('title')}</h1>
        <div className="flex flex-wrap items-center gap-2">
          {first !== undefined && ids.length === 1 && (
            <Button aria-pressed={hasWeeks} onClick={() => setSearch({ weeks: hasWeeks ? undefined : '1' })}>
              {hasWeeks ? '✓ ' : ''}
              {t('weeks')}
            </Button>
          )}
          <TargetPicker targets={targets} ids={ids} onChoose={choose} />
        </div>
      </header>
      <LeftOut {...idsIn(search['ids'], targets)} targets={targets} />
      {compared.length < 2 ? (
        <EmptyState title={t('empty')} text={t('emptyText')} icon={<GitCompareArrows aria-hidden />} />
      ) : (
        <>
          <RangeBar axis={axis} selection={selection} />
          <CompareChart
            key={compared.map(({ key }) => key).join()}
            axis={axis}
            compared={compared}
            label={t('label')}
          />
          <Figures compared={compared} selection={selection} ids={ids} onChoose={choose} />
        </>
      )}
    </div>
  );
}

const shownMax = 200;

/** What the address asks for but the chart does not show, and why. */
function LeftOut({ beyond, unknown, targets }: ComparedIds & { readonly targets: readonly TargetShape[] }) {
  const { t } = useTranslation('compare');
  const { list } = useFormat();
  const names = targets.filter(({ id }) => beyond.includes(id)).map(nameOf);
  if (beyond.length === 0 && unknown.length === 0) return null;
  return (
    <div role="status" className="grid gap-1 rounded-md bg-warn-soft px-3 py-2 text-warn" data-left-out>
      {beyond.length > 0 && <p>{t('beyond', { count: beyond.length, names: list(names) })}</p>}
      {unknown.length > 0 && <p>{t('unknown', { count: unknown.length, ids: list(unknown) })}</p>}
    </div>
  );
}

interface Choice {
  readonly ids: readonly number[];
  readonly onChoose: (ids: readonly number[]) => void;
}

function TargetPicker({ targets, ids, onChoose }: Choice & { readonly targets: readonly TargetShape[] }) {
  const { t } = useTranslation('compare');
  const [text, setText] = useState('');
  const found = targets.filter((target) => isFound(target, text.trim()));
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button look="primary">
          <Plus aria-hidden /> {t('choose')}
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" className="grid w-80 gap-2" aria-label={t('choose')}>
        <Input
          type="search"
          aria-label={t('search')}
          placeholder={t('search')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <p className="text-small text-ink-3">{t('chosen', { count: ids.length })}</p>
        <ul className="grid max-h-72 grid-cols-[minmax(0,1fr)] overflow-y-auto">
          {found.slice(0, shownMax).map(({ id, ip, host, notes, tags }) => (
            <li key={id}>
              <label className="flex cursor-pointer items-center gap-2 rounded-md px-1.5 py-1 hover:bg-hover">
                <input
                  type="checkbox"
                  className="size-4 shrink-0 accent-accent"
                  checked={ids.includes(id)}
                  disabled={!ids.includes(id) && ids.length >= targetsMax}
                  onChange={({ target: box }) =>
                    onChoose(box.checked ? [...ids, id] : ids.filter((each) => each !== id))
                  }
                />
                <span className="min-w-0">
                  <span className="block break-all">{host === null ? ip : `${host} · ${ip}`}</span>
                  <span className="block truncate text-tiny text-ink-3">
                    {[...(notes === null ? [] : [notes]), ...tags.map((tag) => `#${tag}`)].join(' · ')}
                  </span>
                </span>
              </label>
            </li>
          ))}
          {found.length > shownMax && (
            <li className="px-1.5 py-1 text-small text-ink-3">{t('more', { count: found.length - shownMax })}</li>
          )}
        </ul>
      </PopoverContent>
    </Popover>
  );
}

function Figures({
  compared,
  selection,
  ids,
  onChoose,
}: Choice & { readonly compared: readonly Compared[]; readonly selection: Selection }) {
  const { t } = useTranslation('compare');
  const { latency, share } = useFormat();
  const figures = useQueries({
    queries: compared.map(({ targetId, shiftMillis }) => {
      const [from, to] = [selection.view.from - shiftMillis, selection.view.to - shiftMillis];
      return {
        queryKey: ['figures', targetId, from, to, 'compare'],
        placeholderData: <Value,>(before: Value) => before,
        queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
          api.call(showInsights, {
            params: { id: targetId },
            query: {
              start: new Date(from).toISOString(),
              end: new Date(to).toISOString(),
              ...{ bucket_seconds: 86_400, columns: 'true' as const },
            },
            signal,
          }),
      };
    }),
  });
  const column = (name: 'avg' | 'coverage' | 'jitter' | 'loss' | 'max' | 'target'): string => t(`column.${name}`);
  return (
    <Section title={t('figures')}>
      <DataTable
        caption={t('figures')}
        empty=""
        head={[
          ...[column('target'), 'p50', 'p95', 'p99', column('avg'), column('max')],
          ...[column('jitter'), column('loss'), column('coverage')],
        ]}
        rows={compared.map(({ key, name, targetId, shiftMillis }, index) => {
          const data = figures[index]?.data;
          return [
            <span key={key} className="flex items-center gap-2 whitespace-nowrap">
              <LineMark index={index} />
              <Link
                to="/app/targets/$id"
                params={{ id: String(targetId) }}
                className="text-accent underline-offset-4 hover:underline"
              >
                {name}
              </Link>
              {shiftMillis !== weekMillis && ids.length > 2 && (
                <Button
                  look="quiet"
                  size="small"
                  aria-label={t('remove', { name })}
                  onClick={() => onChoose(ids.filter((id) => id !== targetId))}
                >
                  <X aria-hidden />
                </Button>
              )}
            </span>,
            latency(data?.latency_p50_ms),
            latency(data?.latency_p95_ms),
            latency(data?.latency_p99_ms),
            latency(data?.latency_avg_ms),
            latency(data?.latency_max_ms),
            latency(data?.jitter_ms),
            share(data?.loss_rate),
            share(data?.coverage),
          ];
        })}
      />
    </Section>
  );
}
