import { useMemo, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Segments } from '../../charts/controls.tsx';
import { Overview } from '../../charts/overview.tsx';
import { SmokeChart } from '../../charts/smoke-chart.tsx';
import { forms, TableTwin } from '../../charts/table-twin.tsx';
import { scales } from '../../charts/time-chart.tsx';
import type { TimeAxis } from '../../charts/axis/time-axis.ts';
import { rowsOf } from '../../charts/data/timeline.ts';
import { type TimelineSource, useSourceStatus } from '../../charts/data/timeline-source.ts';
import { useFormat } from '../../i18n/format.ts';
import { wordsOf } from '../../i18n/words-of.ts';
import { Section } from '../../ui/card.tsx';
import { Button } from '../../ui/button.tsx';
import { Legend } from './legend.tsx';
import { Readout } from './readout.tsx';
import type { TargetSources } from './use-target-charts.ts';
import type { Selection } from './range.ts';
import { useChoice } from './use-search-values.ts';

const tableWidth = 400;

/** Round trips and loss on the shared axis, the overview beneath, the same as a table on demand. */
export function ChartPanel({
  name,
  axis,
  sources,
  selection,
}: {
  readonly name: string;
  readonly axis: TimeAxis;
  readonly sources: TargetSources;
  readonly selection: Selection;
}) {
  const { t } = useTranslation('target');
  const format = useFormat();
  const [scale, setScale] = useChoice('scale', scales, 'linear');
  const [form, setForm] = useChoice('form', forms, 'chart');
  const absenceNames = useMemo(
    () => ({ absent: t('absence.absent'), gap: t('absence.gap'), pause: t('absence.pause') }),
    [t],
  );
  const overviewLabels = useMemo(
    () => ({
      chart: t('overview.chart'),
      window: t('overview.window'),
      start: t('overview.start'),
      end: t('overview.end'),
    }),
    [t],
  );
  return (
    <Section
      title={t('chart.title')}
      className="gap-2"
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <Status source={sources.main} />
          <Segments
            label={t('chart.scale')}
            value={scale}
            options={scales.map((value) => ({ value, text: t(`chart.${value}`) }))}
            onChange={setScale}
          />
          <Button
            size="small"
            className="print-hidden"
            aria-pressed={form === 'table'}
            onClick={() => setForm(form === 'chart' ? 'table' : 'chart')}
          >
            {form === 'chart' ? t('chart.showTable') : t('chart.showChart')}
          </Button>
        </div>
      }
    >
      {form === 'chart' ? (
        <>
          <Readout axis={axis} source={sources.main} width={tableWidth * 2} />
          <SmokeChart
            axis={axis}
            source={sources.main}
            scale={scale}
            locale={format.locale}
            timeZone={format.timeZone}
            label={t('chart.label', { name })}
            description={t('chart.description')}
            absenceNames={absenceNames}
          />
          <Legend />
        </>
      ) : (
        <TimelineTable axis={axis} source={sources.main} selection={selection} caption={t('chart.label', { name })} />
      )}
      <Overview axis={axis} source={sources.overview} format={format} labels={overviewLabels} />
    </Section>
  );
}

/** The length of a point's bucket, and whether finer ones are loading or failed. */
function Status({ source }: { readonly source: TimelineSource }) {
  const { t } = useTranslation('target');
  const { t: common } = useTranslation();
  const { duration } = useFormat();
  const { bucketSeconds, isLoading, failure } = useSourceStatus(source);
  if (failure !== undefined) {
    return (
      <span role="alert" className="flex items-center gap-2 text-small text-bad">
        {wordsOf(failure)}
        <Button size="small" onClick={() => source.retry()}>
          {common('retry')}
        </Button>
      </span>
    );
  }
  if (bucketSeconds === undefined) return null;
  return (
    <span className="text-small text-ink-3">
      {isLoading ? t('chart.loading') : t('chart.buckets', { length: duration(bucketSeconds * 1000) })}
    </span>
  );
}

function TimelineTable({
  axis,
  source,
  selection,
  caption,
}: {
  readonly axis: TimeAxis;
  readonly source: TimelineSource;
  readonly selection: Selection;
  readonly caption: string;
}) {
  const { t } = useTranslation('target');
  const { t: common } = useTranslation();
  const { dateTime, latency, share, count } = useFormat();
  useSourceStatus(source);
  useSyncExternalStore(axis.subscribe, () => axis.isLive);
  const rows = rowsOf(source.timeline(selection.view, tableWidth)).toReversed();
  return (
    <TableTwin
      order="newest-first"
      caption={caption}
      empty={common('noResults')}
      head={[
        ...[t('column.time'), 'p50', 'p10', 'p90', t('column.min'), t('column.max'), t('column.average')],
        ...[t('column.loss'), t('column.samples')],
      ]}
      rows={rows.map((row) => [
        dateTime(row.at),
        ...[row.p50, row.p10, row.p90, row.min, row.max, row.avg].map((value) => latency(value)),
        share(row.loss),
        count(row.sampleCount),
      ])}
    />
  );
}
