import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, Route, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { followTrace } from '../../contract/paths/follow-trace.ts';
import type { TargetShape } from '../../contract/targets/targets.ts';
import { type LiveHopEntry, listTraces, type StoredTraceEntry } from '../../contract/paths/traceroute.ts';
import { nameOf } from '../../contract/targets/target-place.ts';
import { api, isMissing } from '../api.ts';
import { useFormat } from '../i18n/format.ts';
import { NotFound } from '../layout/not-found.tsx';
import { useTitle } from '../layout/use-title.ts';
import { useLive } from '../live/use-live.ts';
import { DeletedBanner } from '../target/head/deleted-banner.tsx';
import { targetQuery } from '../target/target-query.ts';
import { useMay } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';
import { Select } from '../ui/select.tsx';
import { EmptyState, ErrorState, Loading, Skeleton } from '../ui/states.tsx';
import { HopTable } from './hop-table.tsx';
import { viewOfStored, viewsOfLive } from './hop-view.ts';
import { RouteDifferences } from './route-differences.tsx';

/** The path to one target: trace it now, look at earlier traces, see what changed. */
export function PathScreen() {
  const { id } = useParams({ strict: false });
  const { t } = useTranslation('path');
  const target = useQuery(targetQuery(Number(id)));
  useTitle(t('title', { name: target.data === undefined ? '' : nameOf(target.data) }));
  if (isMissing(target.error)) return <NotFound />;
  if (target.data !== undefined) return <PathContent key={id} target={target.data} />;
  if (target.isError) return <ErrorState error={target.error} onRetry={() => void target.refetch()} />;
  return <Loading />;
}

const roundChoices = ['1', '3', '10'] as const;
const step = 20;

interface Run {
  readonly answers: readonly LiveHopEntry[];
  readonly isRunning: boolean;
  readonly error: unknown;
}

function PathContent({ target }: { readonly target: TargetShape }) {
  const { t } = useTranslation(['path', 'common']);
  const mayTrace = useMay('operator') && target.deleted_at === undefined;
  const format = useFormat();
  const queries = useQueryClient();
  // It may be changed, deleted or restored meanwhile.
  useLive({
    targets: [target.id],
    onEvent: ({ target_id: id }) => {
      if (id === target.id) void queries.invalidateQueries({ queryKey: ['target', id] });
    },
    onResumed: () => void queries.invalidateQueries({ queryKey: ['target', target.id] }),
  });
  const [limit, setLimit] = useState(step);
  const [rounds, setRounds] = useState<(typeof roundChoices)[number]>('3');
  const [run, setRun] = useState<Run>();
  const [chosen, setChosen] = useState<number>();
  const [other, setOther] = useState<number>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);

  const traces = useQuery({
    queryKey: ['traces', target.id, limit],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.call(listTraces, { params: { id: target.id }, query: { limit }, signal }),
  });
  const list = traces.data ?? [];
  const selected = list.find(({ id }) => id === chosen) ?? list[0];
  const selectedAt = selected === undefined ? -1 : list.indexOf(selected);
  const compared = list.find(({ id }) => id === other && id !== selected?.id) ?? list[selectedAt + 1];

  async function trace(): Promise<void> {
    const abort = new AbortController();
    stop.current = abort;
    let answers: readonly LiveHopEntry[] = [];
    setRun({ answers, isRunning: true, error: undefined });
    try {
      const query = { rounds: Number(rounds), max_hops: 30, timeout: 30 };
      for await (const message of followTrace(api, { id: target.id, query }, abort.signal)) {
        if (message.type === 'hop') {
          answers = [...answers, message.hop];
          setRun({ answers, isRunning: true, error: undefined });
        } else if (message.type === 'done') {
          await queries.invalidateQueries({ queryKey: ['traces', target.id] });
          setChosen(message.trace.id ?? undefined);
          setOther(undefined);
        }
      }
      setRun(undefined);
    } catch (error) {
      setRun(abort.signal.aborted ? undefined : { answers, isRunning: false, error });
    }
  }

  return (
    <div className="mx-auto grid w-full max-w-(--wide) grid-cols-[minmax(0,1fr)] gap-3 p-3 sm:gap-4 sm:p-4">
      <DeletedBanner target={target} />
      <header className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight break-all">{t('title', { name: nameOf(target) })}</h1>
          <Link
            to="/app/targets/$id"
            params={{ id: String(target.id) }}
            className="print-hidden inline-flex items-center gap-1 text-accent underline-offset-4 hover:underline"
          >
            <ArrowLeft aria-hidden className="size-3.5" /> {t('toTarget')}
          </Link>
        </div>
        {!target.is_synthetic && mayTrace && (
          <div className="print-hidden flex flex-wrap items-center gap-2">
            <Select
              aria-label={t('roundsLabel')}
              value={rounds}
              onChange={setRounds}
              options={roundChoices.map((value) => ({
                value,
                label: `${t('roundsLabel')} ${value === '1' ? t('round') : t('rounds', { count: Number(value) })}`,
              }))}
            />
            {run?.isRunning === true ? (
              <Button onClick={() => stop.current?.abort()}>
                <Square aria-hidden /> {t('stop')}
              </Button>
            ) : (
              <Button look="primary" onClick={() => void trace()}>
                <Route aria-hidden /> {t('trace')}
              </Button>
            )}
          </div>
        )}
      </header>
      {target.is_synthetic && <p className="text-ink-2">{t('synthetic')}</p>}
      {run !== undefined && (
        <Section title={t('running')}>
          {run.error !== undefined && <ErrorState error={run.error} onRetry={() => void trace()} />}
          <div role="status" aria-live="polite" className="sr-only">
            {t('hops', {
              count: new Set(run.answers.filter(({ kind }) => kind === 'passed').map(({ hop }) => hop)).size,
            })}
          </div>
          {run.answers.length === 0 && run.isRunning ? (
            <Skeleton className="h-24" />
          ) : (
            <HopTable hops={viewsOfLive(run.answers)} caption={t('running')} />
          )}
        </Section>
      )}
      {traces.isError && <ErrorState error={traces.error} onRetry={() => void traces.refetch()} />}
      {traces.isPending && <Loading />}
      {traces.data?.length === 0 && run === undefined && (
        <EmptyState
          title={t('empty')}
          text={t(mayTrace ? 'emptyText' : 'common:readsOnly')}
          icon={<Route aria-hidden />}
        />
      )}
      {selected !== undefined && (
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 sm:gap-4 lg:grid-cols-[minmax(0,1fr)_17rem]">
          <div className="grid grid-cols-[minmax(0,1fr)] gap-3 sm:gap-4">
            {run === undefined && (
              <Section
                title={t('traceOf', { time: format.dateTime(selected.started_at) })}
                text={[
                  t('took', { length: format.latency(selected.duration_ms) }),
                  ...(selected.hop_count === null ? [] : [t('hops', { count: selected.hop_count })]),
                ].join(' · ')}
                actions={<Reached trace={selected} />}
              >
                <HopTable
                  hops={selected.hops.map(viewOfStored)}
                  caption={t('traceOf', { time: format.dateTime(selected.started_at) })}
                />
              </Section>
            )}
            {compared !== undefined && (
              <Section
                title={t('differences')}
                text={t('differencesText')}
                actions={
                  <Select
                    aria-label={t('compareWith')}
                    value={String(compared.id)}
                    onChange={(value) => setOther(Number(value))}
                    options={list
                      .filter((trace) => trace !== selected)
                      .map((trace) => ({ value: String(trace.id), label: format.dateTime(trace.started_at) }))}
                  />
                }
              >
                <RouteDifferences left={compared} right={selected} />
              </Section>
            )}
          </div>
          <Section title={t('earlier')} className="print-hidden gap-2">
            <ol className="grid max-h-[32rem] gap-1 overflow-y-auto" tabIndex={0} aria-label={t('earlier')}>
              {list.map((trace) => (
                <li key={trace.id}>
                  <button
                    type="button"
                    aria-pressed={trace === selected}
                    onClick={() => setChosen(trace.id ?? undefined)}
                    className={classNames(
                      'w-full rounded-md px-2 py-1.5 text-left text-small hover:bg-hover',
                      trace === selected && 'bg-accent-soft',
                    )}
                  >
                    <span className="block font-medium">{format.dateTime(trace.started_at)}</span>
                    <span className="text-ink-2">
                      {t('hops', { count: trace.hops.length })},{' '}
                      {trace.is_destination_reached ? t('reached') : t('notReached')}
                    </span>
                  </button>
                </li>
              ))}
            </ol>
            {list.length >= limit && limit < 100 && (
              <Button size="small" onClick={() => setLimit(Math.min(100, limit + step * 2))}>
                {t('more')}
              </Button>
            )}
          </Section>
        </div>
      )}
    </div>
  );
}

function Reached({ trace }: { readonly trace: StoredTraceEntry }) {
  const { t } = useTranslation('path');
  return <Badge>{trace.is_destination_reached ? `✓ ${t('reached')}` : `✗ ${t('notReached')}`}</Badge>;
}
