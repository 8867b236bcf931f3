import { useTranslation } from 'react-i18next';
import type { OutageReport } from '../../../contract/history/outages.ts';
import { DataTable } from '../../charts/table-twin.tsx';
import type { TimeAxis } from '../../charts/axis/time-axis.ts';
import { shortestRange } from '../../charts/axis/time-axis.ts';
import { useFormat } from '../../i18n/format.ts';
import { Section } from '../../ui/card.tsx';
import { Skeleton } from '../../ui/states.tsx';
import type { Selection } from '../history/range.ts';

const shownMax = 50;

/** The outages of the selection; each leads the charts to its time. */
export function OutagePanel({
  log,
  axis,
  selection,
}: {
  readonly log: OutageReport | undefined;
  readonly axis: TimeAxis;
  readonly selection: Selection;
}) {
  const { t } = useTranslation('target');
  const { dateTime, duration, count } = useFormat();
  const { from, to } = selection.view;
  const outages = (log?.outages ?? []).filter(
    ({ start, end }) => Date.parse(start) < to && (end === null || Date.parse(end) >= from),
  );
  const show = (start: number, end: number): void => {
    const room = Math.max(shortestRange, (end - start) * 0.6);
    axis.set({ from: start - room, to: end + room });
  };
  return (
    <Section
      title={`${t('outages.title')}${outages.length > 0 ? ` · ${count(outages.length)}` : ''}`}
      className="content-start"
    >
      {log === undefined ? (
        <Skeleton className="h-24" />
      ) : (
        <div className="max-h-80 overflow-y-auto print:max-h-none">
          <DataTable
            caption={t('outages.title')}
            textColumns={1}
            empty={t('outages.empty')}
            head={[t('outages.start'), t('outages.length'), t('outages.end')]}
            rows={outages.slice(0, shownMax).map(({ start, end, duration_seconds: seconds, ended_by: endedBy }) => [
              <button
                key="start"
                type="button"
                className="text-left text-accent underline-offset-4 hover:underline"
                aria-label={t('outages.zoom', { time: dateTime(start) })}
                onClick={() => show(Date.parse(start), end === null ? axis.bounds.to : Date.parse(end))}
              >
                {dateTime(start)}
              </button>,
              duration(seconds * 1000),
              endedBy === null ? <strong className="text-bad">{t('outages.ongoing')}</strong> : t(`outages.${endedBy}`),
            ])}
          />
        </div>
      )}
    </Section>
  );
}
