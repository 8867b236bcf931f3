import { useTranslation } from 'react-i18next';
import type { Insights } from '../../../contract/history/insights.ts';
import { dash, type Format, useFormat } from '../../i18n/format.ts';
import { classNames } from '../../ui/class-names.ts';

const cardNames = [
  ...['availability', 'loss', 'p50', 'p95', 'p99', 'avg', 'min', 'max', 'jitter', 'hops', 'samples', 'coverage'],
] as const satisfies readonly string[];
type CardName =
  'availability' | 'loss' | 'p50' | 'p95' | 'p99' | 'avg' | 'min' | 'max' | 'jitter' | 'hops' | 'samples' | 'coverage';

function valueOf(name: CardName, figures: Insights | undefined, format: Format): string {
  if (figures === undefined) return dash;
  const { availability_percent: availability, hops } = figures;
  switch (name) {
    case 'availability':
      return format.share(availability === null ? null : availability / 100);
    case 'loss':
      return format.share(figures.loss_rate);
    case 'hops':
      if (hops === null) return dash;
      return hops.min === hops.max ? format.count(hops.last) : `${format.count(hops.min)}–${format.count(hops.max)}`;
    case 'jitter':
      return format.latency(figures.jitter_ms);
    case 'samples':
      return format.count(figures.sample_count);
    case 'coverage':
      return format.share(figures.coverage);
    default:
      return format.latency(figures[`latency_${name}_ms`]);
  }
}

/** The selection in figures; their source and accuracy are stated beneath. */
export function StatCards({ figures, isStale }: { readonly figures: Insights | undefined; readonly isStale: boolean }) {
  const { t } = useTranslation('target');
  const format = useFormat();
  return (
    <section aria-label={t('cards')} className="grid gap-1.5">
      <dl
        aria-busy={isStale}
        className={classNames(
          'grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line transition-opacity sm:grid-cols-4 lg:grid-cols-6 2xl:grid-cols-12',
          isStale && 'opacity-70',
        )}
      >
        {(cardNames as readonly CardName[]).map((name) => (
          <div key={name} className="bg-surface px-3 py-2" title={t(`card.${name}.help`)}>
            <dt className="text-small text-ink-3">{t(`card.${name}.name`)}</dt>
            <dd data-card={name} className="text-lg leading-tight font-semibold whitespace-nowrap">
              {valueOf(name, figures, format)}
            </dd>
          </div>
        ))}
      </dl>
      <p className="min-h-5 text-small text-ink-3" data-testid="resolution">
        {figures !== undefined && <Exactness figures={figures} />}
      </p>
    </section>
  );
}

function Exactness({ figures }: { readonly figures: Insights }) {
  const { t } = useTranslation('target');
  const format = useFormat();
  const bound = figures.percentile_error_bound;
  const isWider = figures.data_start !== figures.window_start || figures.data_end !== figures.window_end;
  const percent = new Intl.NumberFormat(format.locale, { maximumFractionDigits: 2 }).format(bound * 100);
  const sentences = [
    t(`resolution.${figures.resolution}`),
    bound === 0 ? t('resolution.exact') : t('resolution.bound', { percent }),
    ...(isWider ? [t('resolution.wider')] : []),
    ...(figures.loss_count > 0 ? [t('lostCount', { count: figures.loss_count })] : []),
    ...(figures.not_sent_count > 0 ? [t('resolution.notSent', { count: figures.not_sent_count })] : []),
  ];
  return <>{sentences.join(' ')}</>;
}
