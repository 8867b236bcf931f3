import type { JSX } from 'react';
import type { Insights } from '../../contract/insights.ts';
import { dash } from '../charts/format.ts';
import { useWords } from './use-words.ts';

export interface StatCardsProps {
  readonly figures: Insights | undefined;
  readonly isStale: boolean;
}

/** The selection in figures. What they are made from, and how exact, stands beneath. */
export function StatCards({ figures, isStale }: StatCardsProps): JSX.Element {
  const { t, ms, share, count } = useWords();
  const uptime = figures?.uptime_percent;
  const hops = figures?.hops;
  const hopsText =
    hops === null || hops === undefined ? dash : hops.min === hops.max ? `${hops.last}` : `${hops.min}–${hops.max}`;
  const cards: readonly (readonly [key: string, value: string, note?: string])[] = [
    ['uptime', share(uptime === null || uptime === undefined ? uptime : uptime / 100)],
    [
      'loss',
      share(figures?.loss_rate),
      figures === undefined ? undefined : t('card.lossNote', { count: count(figures.loss_count) }),
    ],
    ['p50', ms(figures?.latency_p50_ms)],
    ['p95', ms(figures?.latency_p95_ms)],
    ['p99', ms(figures?.latency_p99_ms)],
    ['avg', ms(figures?.latency_avg_ms)],
    ['min', ms(figures?.latency_min_ms)],
    ['max', ms(figures?.latency_max_ms)],
    ['jitter', ms(figures?.jitter_ms)],
    ['hops', hopsText],
    ['samples', count(figures?.sample_count)],
    ['coverage', share(figures?.coverage)],
  ].map(([key = '', value = dash, note]) => (note === undefined ? [key, value] : [key, value, note]));
  return (
    <div>
      <dl
        aria-busy={isStale}
        className={`grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-border bg-border sm:grid-cols-4 lg:grid-cols-6 ${isStale ? 'opacity-70' : ''}`}
      >
        {cards.map(([key, value, note]) => (
          <div key={key} className="bg-card px-3 py-2" title={t(`card.${key}.help`)}>
            <dt className="text-xs text-muted-foreground">{t(`card.${key}.name`)}</dt>
            <dd data-card={key} className="text-lg leading-tight font-semibold whitespace-nowrap tabular-nums">
              {value}
            </dd>
            {note === undefined ? null : <dd className="text-[11px] text-muted-foreground">{note}</dd>}
          </div>
        ))}
      </dl>
      <p className="mt-1.5 text-xs text-muted-foreground" data-testid="resolution">
        {figures === undefined ? '\u00a0' : resolutionText(figures, t)}
      </p>
    </div>
  );
}

function resolutionText(figures: Insights, t: ReturnType<typeof useWords>['t']): string {
  const source = t(`resolution.${figures.resolution}`);
  const bound = figures.percentile_error_bound;
  const exactness = bound === 0 ? t('resolution.exact') : t('resolution.bound', { percent: (bound * 100).toFixed(2) });
  const isWider = figures.data_start !== figures.window_start || figures.data_end !== figures.window_end;
  const notSent = figures.not_sent_count > 0 ? ` ${t('resolution.notSent', { count: figures.not_sent_count })}` : '';
  return `${source} ${exactness}${isWider ? ` ${t('resolution.wider')}` : ''}${notSent}`;
}
