import { type JSX, useCallback, useMemo, useRef } from 'react';
import type uPlot from 'uplot';
import { palette } from './drawing/palette.ts';
import { lonelyPoints, smokeData } from './data/smoke-data.ts';
import { drawAbsenceNames, drawAbsences, drawStrip, stripHeight, type StripContent } from './strip.ts';
import { type Frame, type Scale, TimeChart } from './time-chart.tsx';
import type { TimeAxis } from './axis/time-axis.ts';
import type { TimeRange } from './axis/time-steps.ts';
import { type AbsenceKind, emptyTimeline } from './data/timeline.ts';
import type { TimelineSource } from './data/timeline-source.ts';

export interface SmokeChartProps {
  readonly axis: TimeAxis;
  readonly source: TimelineSource;
  readonly scale: Scale;
  readonly locale: string;
  readonly timeZone: string;
  readonly height?: number;
  readonly label: string;
  readonly description: string;
  readonly absenceNames: Readonly<Record<AbsenceKind, string>>;
}

const noPoints = { show: false };
const thin = { width: 1, points: noPoints, stroke: () => palette().extreme };
const hidden = { width: 0, points: noPoints };

const series: readonly uPlot.Series[] = [
  {},
  thin,
  thin,
  hidden,
  hidden,
  {
    width: 1.75,
    stroke: () => palette().line,
    points: {
      show: true,
      size: 4,
      width: 0,
      fill: () => palette().line,
      filter: (plot, index) => lonelyPoints(Array.from(plot.data[index] ?? [])),
    },
  },
];
const bands: readonly uPlot.Band[] = [
  { series: [1, 2], fill: () => palette().bandOuter },
  { series: [3, 4], fill: () => palette().bandInner },
];

/**
 * Round trips over time: the median as a line within the band p10–p90 within the band minimum–maximum, so that no spike is
 * smoothed away; beneath it loss, and what was not measured and why.
 */
export function SmokeChart(props: SmokeChartProps): JSX.Element {
  const { axis, source, scale, locale, timeZone, height = 340, label, description, absenceNames } = props;
  const drawn = useRef<StripContent>({ timeline: emptyTimeline, marks: [], absences: [] });

  const compose = useCallback(
    (view: TimeRange, width: number) => {
      const timeline = source.timeline(view, width);
      const [marks, absences] = [source.lossMarks(timeline), source.absences(timeline, view)];
      drawn.current = { timeline, marks, absences };
      return smokeData(timeline);
    },
    [source],
  );
  const under = useCallback((frame: Frame) => {
    drawAbsences(frame, drawn.current.absences, { top: frame.top, height: frame.height, alpha: 0.22 });
  }, []);
  const strip = useCallback(
    (frame: Frame) => {
      drawStrip(frame, drawn.current);
      drawAbsenceNames(frame, drawn.current.absences, absenceNames);
    },
    [absenceNames],
  );
  const subscribe = useMemo(() => source.subscribe, [source]);

  return (
    <TimeChart
      {...{ axis, scale, locale, timeZone, height, stripHeight, series, bands, compose, subscribe, label, description }}
      drawUnder={under}
      drawStrip={strip}
    />
  );
}
