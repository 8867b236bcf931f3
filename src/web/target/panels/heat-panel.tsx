import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { bucketsMax, showInsights } from '../../../contract/history/insights.ts';
import { api } from '../../api.ts';
import { Segments } from '../../charts/controls.tsx';
import { type WeekCell, weekCells } from '../../charts/data/hour-of-week.ts';
import { formatter } from '../../charts/axis/time-ticks.ts';
import { emptyTimeline, timelineOf } from '../../charts/data/timeline.ts';
import { useFormat } from '../../i18n/format.ts';
import { Section } from '../../ui/card.tsx';
import { EmptyState, Skeleton } from '../../ui/states.tsx';
import type { Selection } from '../history/range.ts';
import { useChoice } from '../history/use-search-values.ts';

const hourMillis = 3_600_000;
const measures = ['mean', 'max', 'loss'] as const;
type Measure = (typeof measures)[number];

function valueOf({ avg, max, loss }: WeekCell, measure: Measure): number | null {
  switch (measure) {
    case 'mean':
      return avg;
    case 'max':
      return max;
    case 'loss':
      return loss;
    default:
      return measure satisfies never;
  }
}

/** Weekdays by hours: when in the week it is slow, or loses. A table throughout. */
export function HeatPanel({ targetId, selection }: { readonly targetId: number; readonly selection: Selection }) {
  const { t } = useTranslation('target');
  const format = useFormat();
  const [measure, setMeasure] = useChoice('heat', measures, 'mean');
  // Whole hours: the request stays the same while the selection follows the clock.
  const to = Math.ceil(selection.view.to / hourMillis) * hourMillis;
  const from = Math.max(Math.floor(selection.view.from / hourMillis) * hourMillis, to - bucketsMax * hourMillis);
  const { data } = useQuery({
    queryKey: ['hours', targetId, from, to],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const window = { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
      const query = { ...window, bucket_seconds: 3600, columns: 'true' as const };
      const answer = await api.call(showInsights, { params: { id: targetId }, query, signal });
      const { timeline_columns: columns, bucket_seconds: bucketSeconds } = answer;
      return columns === undefined ? emptyTimeline : timelineOf(columns, bucketSeconds);
    },
  });
  const cells = useMemo(
    () => (data === undefined ? undefined : weekCells(data, format.timeZone)),
    [data, format.timeZone],
  );
  const values = (cells ?? []).flatMap((cell) => valueOf(cell, measure) ?? []);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const text = (value: number | null): string => (measure === 'loss' ? format.share(value) : format.latency(value));
  return (
    <Section
      title={t('heat.title')}
      text={t('heat.text', { from: format.dateTime(from) })}
      className="content-start"
      actions={
        <Segments
          label={t('heat.measure')}
          value={measure}
          options={measures.map((value) => ({ value, text: t(`heat.${value}`) }))}
          onChange={setMeasure}
        />
      }
    >
      {cells === undefined && <Skeleton className="h-44" />}
      {cells !== undefined && values.length === 0 && <EmptyState title={t('heat.empty')} />}
      {cells !== undefined && values.length > 0 && (
        <>
          <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={t('heat.label')}>
            <table className="w-full table-fixed border-separate border-spacing-px text-mini">
              <caption className="sr-only">{t('heat.label')}</caption>
              <thead>
                <tr>
                  <td className="w-9" />
                  {Array.from({ length: 24 }, (_, hour) => (
                    <th key={hour} scope="col" className="font-normal text-ink-3">
                      <span className={hour % 3 === 0 ? undefined : 'sr-only'}>{hour}</span>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {Array.from({ length: 7 }, (_, weekday) => (
                  <tr key={weekday}>
                    <th scope="row" className="text-left font-normal text-ink-3">
                      {weekdayName(weekday, format.locale)}
                    </th>
                    {cells.slice(weekday * 24, weekday * 24 + 24).map((cell) => {
                      const value = valueOf(cell, measure);
                      return (
                        <td
                          key={cell.hour}
                          title={t('heat.cell', {
                            weekday: weekdayName(weekday, format.locale),
                            hour: `${String(cell.hour).padStart(2, '0')}:00`,
                            value: text(value),
                          })}
                          className="keeps-colors h-5 rounded-[2px]"
                          style={{ background: shade(value, least, greatest) }}
                        >
                          <span className="sr-only">{text(value)}</span>
                        </td>
                      );
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div className="flex items-center justify-end gap-2 text-tiny text-ink-3" aria-hidden>
            {text(least)}
            <span
              className="keeps-colors h-2.5 w-28 rounded-full"
              style={{ background: 'linear-gradient(90deg, var(--chart-heat-low), var(--chart-heat-high))' }}
            />
            {text(greatest)}
          </div>
        </>
      )}
    </Section>
  );
}

/** 0 is Monday. */
function weekdayName(weekday: number, locale: string): string {
  return formatter(locale, 'UTC', { weekday: 'short' }).format(Date.UTC(2024, 0, 1 + weekday, 12));
}

function shade(value: number | null, least: number, greatest: number): string {
  if (value === null) {
    return 'repeating-linear-gradient(-45deg, var(--chart-grid) 0 1px, transparent 1px 4px)';
  }
  const share = greatest === least ? 0.4 : (value - least) / (greatest - least);
  return `color-mix(in oklab, var(--chart-heat-high) ${Math.round(share * 100)}%, var(--chart-heat-low))`;
}
