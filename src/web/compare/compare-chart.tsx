import { useQueries } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type uPlot from 'uplot';
import { api } from '../api.ts';
import { serverClock, serverNow } from '../clock/clock.ts';
import { Segments } from '../charts/controls.tsx';
import { createLiveResults } from '../charts/data/live-results.ts';
import type { LossMark } from '../charts/data/loss-marks.ts';
import { lossColor, palette } from '../charts/drawing/palette.ts';
import { type Frame, scales, TimeChart, useCursor } from '../charts/time-chart.tsx';
import type { TimeAxis } from '../charts/axis/time-axis.ts';
import type { TimeRange } from '../charts/axis/time-steps.ts';
import { emptyTimeline, endOf, type OpenStretch, rowAt, type Timeline, valueAt } from '../charts/data/timeline.ts';
import { dash, useFormat } from '../i18n/format.ts';
import { forms, TableTwin } from '../charts/table-twin.tsx';
import { statusLogQuery, stretchesOf, useRestingSelection } from '../target/history/use-target-charts.ts';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/card.tsx';
import { live } from '../live/live.ts';
import { createTargetSource, type TargetSource, type TargetTimes } from '../target/history/target-source.ts';
import { type Compared, dashes } from './compared.ts';
import { LineMark } from './line-mark.tsx';
import { joinTimelines } from './join-timelines.ts';
import { useChoice } from '../target/history/use-search-values.ts';

const rowHeight = 9;

interface Line extends Compared {
  readonly source: TargetSource;
}

interface Drawn {
  readonly timeline: Timeline;
  readonly marks: readonly LossMark[];
}

/** The medians of all on one axis, each with its own colour and dashes; beneath them the losses, one line each. */
export function CompareChart({
  axis,
  compared,
  label,
}: {
  readonly axis: TimeAxis;
  readonly compared: readonly Compared[];
  readonly label: string;
}) {
  const { t } = useTranslation('target');
  const { locale, timeZone } = useFormat();
  const [scale, setScale] = useChoice('scale', scales, 'log');
  const [form, setForm] = useChoice('form', forms, 'chart');
  const isTable = form === 'table';
  const lines = useLines(compared);
  const drawn = useRef<readonly Drawn[]>([]);
  const series = useMemo(() => seriesOf(lines), [lines]);
  const compose = useCallback(
    (view: TimeRange, width: number) => {
      const timelines = lines.map(({ source }) => source.timeline(view, width));
      drawn.current = timelines.map((timeline, index) => ({
        timeline,
        marks: lines[index]?.source.lossMarks(timeline) ?? [],
      }));
      return joinTimelines(timelines);
    },
    [lines],
  );
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = lines.map(({ source }) => source.subscribe(listener));
      return () => {
        for (const end of ends) end();
      };
    },
    [lines],
  );
  const drawStrip = useCallback((frame: Frame) => drawLosses(frame, drawn.current), []);
  return (
    <Section
      title={label}
      className="gap-2"
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <Segments
            label={t('chart.scale')}
            value={scale}
            options={scales.map((value) => ({ value, text: t(`chart.${value}`) }))}
            onChange={setScale}
          />
          <Button
            size="small"
            className="print-hidden"
            aria-pressed={isTable}
            onClick={() => setForm(isTable ? 'chart' : 'table')}
          >
            {isTable ? t('chart.showChart') : t('chart.showTable')}
          </Button>
        </div>
      }
    >
      <CompareReadout axis={axis} lines={lines} drawn={drawn} />
      {isTable ? (
        <CompareTable axis={axis} lines={lines} caption={label} />
      ) : (
        <TimeChart
          {...{ axis, scale, locale, timeZone, series, bands: noBands, compose, subscribe, label, drawStrip }}
          height={380 + lines.length * rowHeight}
          stripHeight={lines.length * rowHeight}
          description={t('chart.description')}
        />
      )}
    </Section>
  );
}

const tableWidth = 200;

/** The chart in figures: median and loss of each line, newest first. */
function CompareTable({
  axis,
  lines,
  caption,
}: {
  readonly axis: TimeAxis;
  readonly lines: readonly Line[];
  readonly caption: string;
}) {
  const { t } = useTranslation('target');
  const { latency, share, dateTime } = useFormat();
  const { view } = useRestingSelection(axis);
  const timelines = lines.map(({ source }) => source.timeline(view, tableWidth));
  const times = [...new Set(timelines.flatMap(({ at }) => [...at]))].sort((a, b) => b - a);
  return (
    <TableTwin
      order="newest-first"
      caption={caption}
      empty={t('readout.nothing')}
      head={[t('column.time'), ...lines.map(({ name }) => name)]}
      rows={times.map((time) => [
        dateTime(time),
        ...timelines.map((timeline) => {
          const row = rowAt(timeline, time);
          return row === undefined ? dash : `${latency(row.p50)} · ${share(row.loss)}`;
        }),
      ])}
    />
  );
}

const noBands: readonly uPlot.Band[] = [];

/** The outages of each, by target: total loss means down by the same rule as everywhere. */
function useOutages(compared: readonly Compared[]): { readonly current: ReadonlyMap<number, readonly OpenStretch[]> } {
  const ids = [...new Set(compared.map(({ targetId }) => targetId))];
  const latest = useRef<ReadonlyMap<number, readonly OpenStretch[]>>(new Map());
  const logs = useQueries({ queries: ids.map(statusLogQuery) });
  useEffect(() => {
    latest.current = new Map(ids.map((id, index) => [id, stretchesOf(logs[index]?.data?.outages)]));
  });
  return latest;
}

function useLines(compared: readonly Compared[]): readonly Line[] {
  const outages = useOutages(compared);
  const made = useMemo(
    () =>
      compared.map((each) => {
        const recent = createLiveResults(Number.POSITIVE_INFINITY, () => each.intervalMillis);
        const { targetId, shiftMillis, intervalMillis } = each;
        const times = (): TargetTimes => ({
          ...{ pauses: [], gaps: [], outages: outages.current.get(targetId) ?? [] },
          ...{ intervalMillis, firstAt: undefined, toleranceMillis: 0 },
        });
        const shared = { client: api, targetId, now: serverNow, times, shiftMillis };
        return {
          ...each,
          recent,
          source: createTargetSource(shiftMillis === 0 ? { ...shared, live: recent } : shared),
        };
      }),
    [compared, outages],
  );
  useEffect(
    () =>
      live.listen({
        targets: made.map(({ targetId }) => targetId),
        onResults: (results) => {
          for (const { targetId, recent, source, shiftMillis } of made) {
            const own = results.filter((result) => result.target_id === targetId);
            if (own.length === 0 || shiftMillis !== 0) continue;
            recent.add(own.map(({ time, latency_ms: latencyMs }) => ({ at: Date.parse(time), latencyMs })));
            source.touch();
          }
        },
        onOpened: () => {
          for (const { recent, source } of made) {
            recent.restart(serverClock.nowAtMost());
            source.refresh();
          }
        },
      }),
    [made],
  );
  return made;
}

function seriesOf(lines: readonly Line[]): readonly uPlot.Series[] {
  return [
    {},
    ...lines.map((_, index): uPlot.Series => ({
      width: 1.75,
      dash: [...(dashes[index] ?? [])],
      stroke: () => palette().series[index] ?? 'gray',
      points: { show: false },
    })),
  ];
}

function drawLosses(frame: Frame, timelines: readonly Drawn[]): void {
  const { context, left, width, ratio, stripTop, xOf } = frame;
  const colors = palette();
  context.save();
  context.beginPath();
  context.rect(left, stripTop, width, timelines.length * rowHeight * ratio);
  context.clip();
  for (const [index, { timeline, marks }] of timelines.entries()) {
    const top = stripTop + index * rowHeight * ratio;
    const height = (rowHeight - 2) * ratio;
    context.fillStyle = colors.grid;
    context.fillRect(left, top, width, height);
    context.fillStyle = colors.series[index] ?? colors.line;
    context.fillRect(left, top, 3 * ratio, height);
    for (const [at, loss] of timeline.loss.entries()) {
      if (Number.isNaN(loss) || loss === 0) continue;
      const isTick = marks[at] === 'tick';
      const from = xOf(valueAt(timeline.at, at));
      const bar = Math.max(1.5 * ratio, xOf(endOf(timeline, at)) - from);
      const [wide, tall] = isTick
        ? [2 * ratio, height * 0.6]
        : [bar, marks[at] === 'all' ? height : height * (0.3 + 0.6 * Math.sqrt(loss))];
      context.fillStyle = isTick ? colors.lossHigh : lossColor(loss, colors);
      context.fillRect(from + (isTick ? (bar - wide) / 2 : 0), top + height - tall, wide, tall);
    }
  }
  context.restore();
}

function CompareReadout({
  axis,
  lines,
  drawn,
}: {
  readonly axis: TimeAxis;
  readonly lines: readonly Line[];
  readonly drawn: { readonly current: readonly Drawn[] };
}) {
  const { t } = useTranslation('target');
  const { latency, share, dateTime } = useFormat();
  const cursor = useCursor(axis);
  return (
    <div
      role="status"
      aria-live="polite"
      data-testid="readout"
      className="grid gap-x-4 text-small sm:flex sm:flex-wrap"
    >
      {lines.map(({ key, name }, index) => {
        const row = cursor === undefined ? undefined : rowAt(drawn.current[index]?.timeline ?? emptyTimeline, cursor);
        return (
          <span key={key} className="flex items-center gap-1.5 whitespace-nowrap">
            <LineMark index={index} />
            {name}
            {row !== undefined && (
              <span className="text-ink-2">
                {latency(row.p50)} · {share(row.loss)}
              </span>
            )}
          </span>
        );
      })}
      <span className={cursor === undefined ? 'min-h-5 text-ink-3' : 'min-h-5 font-medium'}>
        {cursor === undefined ? t('readout.hint') : dateTime(cursor)}
      </span>
    </div>
  );
}
