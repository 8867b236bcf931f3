import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveStateShape } from '../../contract/fleet.ts';
import type { TargetShape } from '../../contract/targets/targets.ts';
import { nameOf } from '../../contract/targets/target-place.ts';
import { isMissing } from '../api.ts';
import { NotFound } from '../layout/not-found.tsx';
import { useTitle } from '../layout/use-title.ts';
import { Section } from '../ui/card.tsx';
import { ErrorState, Loading } from '../ui/states.tsx';
import { ChartPanel } from './history/chart-panel.tsx';
import { CountersPanel } from './panels/counters-panel.tsx';
import { DeletedBanner } from './head/deleted-banner.tsx';
import { EventPanel } from './panels/event-panel.tsx';
import { HeatPanel } from './panels/heat-panel.tsx';
import { HistogramPanel } from './panels/histogram-panel.tsx';
import { OutagePanel } from './panels/outage-panel.tsx';
import { RangeBar } from './history/range-bar.tsx';
import { ResultsPanel } from './panels/results-panel.tsx';
import { StatCards } from './panels/stat-cards.tsx';
import { TargetHead } from './head/target-head.tsx';
import { targetQuery } from './target-query.ts';
import {
  useClock,
  useFigures,
  useFirstResult,
  useRestingSelection,
  useStatusLog,
  useTargetSources,
  useTimeAxis,
} from './history/use-target-charts.ts';

const column = 'grid grid-cols-[minmax(0,1fr)] gap-3 sm:gap-4';

/** One target: its charts on one time axis, its figures, outages, results and events. */
export function TargetScreen() {
  const params = useParams({ strict: false });
  const { t } = useTranslation();
  const id = Number(params.id);
  const target = useQuery(targetQuery(id));
  useTitle(target.data === undefined ? t('loading') : nameOf(target.data));
  // First, because one that was erased is still in the cache.
  if (isMissing(target.error)) return <NotFound />;
  if (target.data !== undefined) return <TargetContent key={id} target={target.data} />;
  if (target.isError) return <ErrorState error={target.error} onRetry={() => void target.refetch()} />;
  return <Loading />;
}

function TargetContent({ target }: { readonly target: TargetShape }) {
  const { t } = useTranslation('target');
  const queries = useQueryClient();
  const axis = useTimeAxis();
  const selection = useRestingSelection(axis);
  const firstAt = useFirstResult(target);
  const { data: log } = useStatusLog(target.id);
  const { data: figures, isPlaceholderData } = useFigures(target.id, selection);
  useClock(axis, firstAt);
  const onChange = useCallback(() => {
    for (const name of ['outages', 'events', 'target']) {
      void queries.invalidateQueries({ queryKey: [name, target.id] });
    }
  }, [queries, target.id]);
  const onState = useCallback(
    ({ state, state_since, reason }: LiveStateShape) =>
      queries.setQueryData<TargetShape>(['target', target.id], (before) =>
        before === undefined ? before : { ...before, state, state_since, reason },
      ),
    [queries, target.id],
  );
  const sources = useTargetSources(target, { log, firstAt }, { onChange, onState });

  return (
    <div className="mx-auto grid w-full max-w-(--wide) grid-cols-[minmax(0,1fr)] gap-3 p-3 sm:gap-4 sm:p-4">
      <DeletedBanner target={target} />
      <TargetHead target={target} selection={selection} />
      <RangeBar axis={axis} selection={selection} />
      <StatCards figures={figures} isStale={isPlaceholderData && !selection.isLive} />
      <ChartPanel name={nameOf(target)} axis={axis} sources={sources} selection={selection} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 sm:gap-4 lg:grid-cols-2">
        <div className={column}>
          <OutagePanel log={log} axis={axis} selection={selection} />
          <HeatPanel targetId={target.id} selection={selection} />
          {target.deleted_at === undefined && <CountersPanel targetId={target.id} />}
          <EventPanel targetId={target.id} />
        </div>
        <div className={column}>
          <HistogramPanel figures={figures} />
          <ResultsPanel targetId={target.id} selection={selection} />
          <Section title={t('notes')} className="content-start">
            <p className="max-h-96 overflow-y-auto break-words whitespace-pre-wrap text-ink-2">
              {target.notes === null ? t('noNotes') : <span data-server-text>{target.notes}</span>}
            </p>
          </Section>
        </div>
      </div>
    </div>
  );
}
