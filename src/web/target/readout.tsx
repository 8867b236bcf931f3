import type { JSX } from 'react';
import { useCursor } from '../charts/time-chart.tsx';
import type { TimeAxis } from '../charts/time-axis.ts';
import { rowAt } from '../charts/timeline.ts';
import { type TimelineSource, useSourceStatus } from '../charts/timeline-source.ts';
import { useWords } from './use-words.ts';

export interface ReadoutProps {
  readonly axis: TimeAxis;
  readonly source: TimelineSource;
  readonly width: number;
}

/** The figures of the moment that is pointed at; without one, how to point. */
export function Readout({ axis, source, width }: ReadoutProps): JSX.Element {
  const { t, ms, share, count, time } = useWords();
  const cursor = useCursor(axis);
  useSourceStatus(source);
  const rows = cursor === undefined ? [] : source.rows(axis.view, width);
  const row = cursor === undefined ? undefined : rowAt(rows, cursor);
  const absence =
    cursor === undefined || row !== undefined
      ? undefined
      : source.absences(rows, axis.view).find(({ from, to }) => cursor >= from && cursor < to);
  const parts: readonly (readonly [string, string])[] =
    row === undefined
      ? []
      : [
          ['p50', ms(row.p50)],
          ['p10–p90', `${ms(row.p10)} – ${ms(row.p90)}`],
          [t('readout.extremes'), `${ms(row.min)} – ${ms(row.max)}`],
          [t('card.loss.name'), share(row.loss)],
          [t('card.samples.name'), count(row.sampleCount)],
        ];
  return (
    <div
      role="status"
      aria-live="polite"
      data-testid="readout"
      className="flex min-h-10 flex-wrap items-baseline gap-x-4 gap-y-0.5 text-xs tabular-nums sm:min-h-5"
    >
      {cursor === undefined ? (
        <span className="text-muted-foreground">{t('readout.hint')}</span>
      ) : (
        <>
          <span className="font-medium">{time(row?.at ?? cursor)}</span>
          {parts.map(([name, value]) => (
            <span key={name}>
              <span className="text-muted-foreground">{name}</span> {value}
            </span>
          ))}
          {row === undefined ? (
            <span>{absence === undefined ? t('readout.nothing') : t(`absence.${absence.kind}`)}</span>
          ) : null}
        </>
      )}
    </div>
  );
}
