import { useTranslation } from 'react-i18next';
import { useCursor } from '../../charts/time-chart.tsx';
import type { TimeAxis } from '../../charts/axis/time-axis.ts';
import { emptyTimeline, rowAt } from '../../charts/data/timeline.ts';
import { type TimelineSource, useSourceStatus } from '../../charts/data/timeline-source.ts';
import { useFormat } from '../../i18n/format.ts';

/** The figures of the moment that is pointed at; without one, how to point. */
export function Readout({
  axis,
  source,
  width,
}: {
  readonly axis: TimeAxis;
  readonly source: TimelineSource;
  readonly width: number;
}) {
  const { t } = useTranslation('target');
  const { latency, share, count, dateTime } = useFormat();
  const cursor = useCursor(axis);
  useSourceStatus(source);
  const timeline = cursor === undefined ? emptyTimeline : source.timeline(axis.view, width);
  const row = cursor === undefined ? undefined : rowAt(timeline, cursor);
  const absence =
    cursor === undefined || row !== undefined
      ? undefined
      : source.absences(timeline, axis.view).find(({ from, to }) => cursor >= from && cursor < to);
  return (
    <div
      role="status"
      aria-live="polite"
      data-testid="readout"
      className="print-hidden flex min-h-10 flex-wrap content-start items-baseline gap-x-4 gap-y-0.5 text-small sm:min-h-5"
    >
      {cursor === undefined && <span className="text-ink-3">{t('readout.hint')}</span>}
      {cursor !== undefined && <span className="font-medium">{dateTime(row?.at ?? cursor)}</span>}
      {cursor !== undefined && row === undefined && (
        <span>{absence === undefined ? t('readout.nothing') : t(`absence.${absence.kind}`)}</span>
      )}
      {row !== undefined && (
        <>
          <Part name="p50" value={latency(row.p50)} />
          <Part name="p10–p90" value={`${latency(row.p10)} – ${latency(row.p90)}`} />
          <Part name={t('readout.extremes')} value={`${latency(row.min)} – ${latency(row.max)}`} />
          <Part name={t('column.loss')} value={share(row.loss)} />
          <Part name={t('column.samples')} value={count(row.sampleCount)} />
        </>
      )}
    </div>
  );
}

function Part({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <span className="whitespace-nowrap">
      <span className="text-ink-3">{name}</span> {value}
    </span>
  );
}
