import { useTranslation } from 'react-i18next';
import type { Insights } from '../../../contract/history/insights.ts';
import { Histogram } from '../../charts/histogram.tsx';
import { forms, TableTwin } from '../../charts/table-twin.tsx';
import { useFormat } from '../../i18n/format.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/card.tsx';
import { EmptyState, Skeleton } from '../../ui/states.tsx';
import { useChoice } from '../history/use-search-values.ts';

/** The distribution of the selection's round trips. */
export function HistogramPanel({ figures }: { readonly figures: Insights | undefined }) {
  const { t } = useTranslation('target');
  const format = useFormat();
  const [form, setForm] = useChoice('histogram', forms, 'chart');
  const isTable = form === 'table';
  const bins = figures?.histogram ?? [];
  const marks = (['p50', 'p95', 'p99'] as const).map((name) => ({
    name,
    value: figures?.[`latency_${name}_ms`] ?? null,
  }));
  const [p50 = '', p95 = '', p99 = ''] = marks.map(({ value }) => format.latency(value));
  const label = t('histogram.label', { p50, p95, p99 });
  return (
    <Section
      title={t('histogram.title')}
      text={t('histogram.text')}
      className="content-start"
      actions={
        <Button
          size="small"
          className="print-hidden"
          aria-pressed={isTable}
          onClick={() => setForm(isTable ? 'chart' : 'table')}
        >
          {isTable ? t('chart.showChart') : t('chart.showTable')}
        </Button>
      }
    >
      {figures === undefined && <Skeleton className="h-44" />}
      {figures !== undefined && bins.length === 0 && <EmptyState title={t('histogram.empty')} />}
      {bins.length > 0 && !isTable && <Histogram bins={bins} marks={marks} format={format} label={label} />}
      {bins.length > 0 && isTable && (
        <TableTwin
          caption={label}
          head={[t('histogram.bin'), t('histogram.binTo'), t('histogram.count')]}
          rows={bins.map((bin) => [format.latency(bin.from_ms), format.latency(bin.to_ms), format.count(bin.count)])}
          empty={t('histogram.empty')}
        />
      )}
    </Section>
  );
}
