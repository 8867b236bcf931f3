import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/format.ts';
import { Section } from '../ui/card.tsx';
import { ErrorState, Skeleton } from '../ui/states.tsx';
import { installationQuery } from './installation.ts';

/** How long data is kept, how much space it takes today, and how much it will take. */
export function DiskUse() {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const { data, error, refetch } = useQuery(installationQuery);
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton className="h-56" />;
  const { retention, forecast, database_bytes: today } = data;
  const rows = [
    { kind: 'raw', days: retention.raw_days, bytes: forecast.raw_bytes, setting: 'RETENTION_RAW_DAYS' },
    { kind: 'minute', days: retention.minute_days, bytes: forecast.minute_bytes, setting: 'RETENTION_MINUTE_DAYS' },
    { kind: 'hour', days: retention.hour_days, bytes: forecast.hour_bytes, setting: 'RETENTION_HOUR_DAYS' },
  ] as const;
  const settled = rows.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const growth = forecast.growth_bytes_per_year;
  return (
    <Section title={t('retention')} text={t('retentionText')}>
      <dl className="flex flex-wrap gap-x-10 gap-y-3">
        <div>
          <dt className="text-small text-ink-3">{t('today')}</dt>
          <dd className="text-xl font-semibold">{format.bytes(today)}</dd>
        </div>
        <div>
          <dt className="text-small text-ink-3">{t('later')}</dt>
          <dd className="text-xl font-semibold">
            {growth > 0
              ? t('growing', { settled: format.bytes(settled), growth: format.bytes(growth) })
              : format.bytes(settled)}
          </dd>
        </div>
        <div>
          <dt className="text-small text-ink-3">{t('perDay')}</dt>
          <dd className="text-xl font-semibold">{format.count(Math.round(forecast.results_per_day))}</dd>
        </div>
      </dl>
      <table className="w-full">
        <caption className="sr-only">{t('retention')}</caption>
        <thead className="text-left text-small text-ink-3">
          <tr className="border-b border-line">
            <th scope="col" className="py-1.5 pr-3 font-medium">
              {t('kept')}
            </th>
            <th scope="col" className="py-1.5 pr-3 text-right font-medium">
              {t('for')}
            </th>
            <th scope="col" className="py-1.5 text-right font-medium">
              {t('takes')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ kind, days, bytes, setting }) => (
            <tr key={kind} className="border-b border-line last:border-0">
              <th scope="row" className="py-2 pr-3 text-left font-normal">
                {t(`kind.${kind}`)}
                <code className="block font-mono text-tiny text-ink-3 max-sm:hidden" translate="no" data-server-text>
                  {setting}
                </code>
              </th>
              <td className="py-2 pr-3 text-right">{days === 0 ? t('forEver') : t('days', { count: days })}</td>
              <td className="py-2 text-right font-mono text-small">
                {bytes === null ? t('grows') : format.bytes(bytes)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="text-small text-ink-3">{t('forecastNote')}</p>
    </Section>
  );
}
