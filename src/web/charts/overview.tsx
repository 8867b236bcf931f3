import { type JSX, type KeyboardEvent, type PointerEvent, useCallback, useRef, useSyncExternalStore } from 'react';
import { type Surface, useCanvas } from './drawing/canvas.ts';
import type { Format } from '../i18n/format.ts';
import './charts.css';
import { pressKey } from './axis/gestures.ts';
import type { LossMark } from './data/loss-marks.ts';
import { lossColor } from './drawing/palette.ts';
import { shortestRange, type TimeAxis } from './axis/time-axis.ts';
import type { TimeRange } from './axis/time-steps.ts';
import { timeTicks } from './axis/time-ticks.ts';
import { endOf, type Timeline, valueAt } from './data/timeline.ts';
import { type TimelineSource, useSourceStatus } from './data/timeline-source.ts';
import { valueRange } from './axis/value-ticks.ts';

export interface OverviewProps {
  readonly axis: TimeAxis;
  readonly source: TimelineSource;
  readonly format: Pick<Format, 'locale' | 'timeZone' | 'dateTime'>;
  readonly labels: Readonly<Record<'chart' | 'window' | 'start' | 'end', string>>;
}

const lossHeight = 7;
const axisRems = 1.15;
const rootPixels = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

/** All of history in small, with a brush on what the other charts show. */
export function Overview({ axis, source, format, labels }: OverviewProps): JSX.Element {
  const { locale, timeZone } = format;
  const bounds = useSyncExternalStore(axis.subscribe, () => axis.bounds);
  const { version } = useSourceStatus(source);
  const draw = useCallback(
    (surface: Surface) => {
      const timeline = source.timeline(bounds, surface.width);
      drawOverview(surface, { timeline, marks: source.lossMarks(timeline), bounds, locale, timeZone });
    },
    // A new version means that `source.timeline` answers differently.
    // oxlint-disable-next-line react/exhaustive-deps
    [source, version, bounds, locale, timeZone],
  );
  const canvas = useCanvas(draw);
  return (
    <div className="relative h-20 w-full select-none">
      <canvas ref={canvas} role="img" aria-label={labels.chart} className="absolute inset-0 h-full w-full" />
      <Brush {...{ axis, format, labels }} />
    </div>
  );
}

interface Content {
  readonly timeline: Timeline;
  readonly marks: readonly LossMark[];
  readonly bounds: TimeRange;
  readonly locale: string;
  readonly timeZone: string;
}

function drawOverview({ context, width, height, palette }: Surface, content: Content): void {
  const { timeline, marks, bounds, locale, timeZone } = content;
  const xOf = (at: number): number => ((at - bounds.from) / (bounds.to - bounds.from)) * width;
  // The brush's class leaves the same room: bottom-4.
  const bottom = height - axisRems * rootPixels() - lossHeight - 2;
  const [least, greatest] = valueRange(minOf(timeline.p10), maxOf(timeline.p90), true);
  const yOf = (value: number): number => {
    const share = Math.log(Math.max(value, 0.001) / least) / Math.log(greatest / least);
    return bottom - Math.min(1, Math.max(0, share)) * (bottom - 3);
  };
  const left = (index: number): number => xOf(valueAt(timeline.at, index));
  const barWidth = (index: number): number => Math.max(1, xOf(endOf(timeline, index)) - left(index));

  context.fillStyle = palette.bandOuter;
  for (const [index, max] of timeline.max.entries()) {
    if (Number.isNaN(max)) continue;
    const top = yOf(max);
    context.fillRect(left(index), top, barWidth(index), Math.max(1, yOf(valueAt(timeline.min, index)) - top));
  }
  context.strokeStyle = palette.line;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.beginPath();
  let before: { readonly index: number; readonly y: number } | undefined;
  const endLine = (): void => {
    if (before !== undefined) context.lineTo(left(before.index) + barWidth(before.index), before.y);
  };
  for (const [index, p50] of timeline.p50.entries()) {
    if (Number.isNaN(p50)) continue;
    const y = yOf(p50);
    if (before === undefined || !isNext(timeline, before.index, index)) {
      endLine();
      context.moveTo(left(index), y);
    }
    context.lineTo(left(index) + barWidth(index) / 2, y);
    before = { index, y };
  }
  endLine();
  context.stroke();
  context.fillStyle = palette.grid;
  context.fillRect(0, bottom + 2, width, lossHeight);
  for (const [index, loss] of timeline.loss.entries()) {
    if (Number.isNaN(loss) || loss === 0) continue;
    const isTick = marks[index] === 'tick';
    const tall = isTick ? lossHeight / 2 : Math.max(1.5, lossHeight * Math.sqrt(loss));
    context.fillStyle = isTick ? palette.lossHigh : lossColor(loss, palette);
    context.fillRect(left(index), bottom + 2 + lossHeight - tall, barWidth(index), tall);
  }

  context.fillStyle = palette.axis;
  const { fontFamily, fontSize } = getComputedStyle(document.body);
  context.font = `${0.75 * Number.parseFloat(fontSize)}px ${fontFamily}`;
  context.textBaseline = 'bottom';
  let taken = 0;
  for (const { at, label, context: place } of timeTicks(bounds, { width, locale, timeZone })) {
    const x = xOf(at);
    context.fillRect(x, bottom + 2 + lossHeight, 1, 3);
    const text = place === undefined || /^\d{4}$/.test(label) ? label : `${label} ${place}`;
    const room = context.measureText(text).width;
    if (x < taken || x + 3 + room >= width) continue;
    context.fillText(text, x + 3, height);
    taken = x + room + 9;
  }
}

/** Whether one line passes through both: nothing is missing between them. */
function isNext(timeline: Timeline, before: number, index: number): boolean {
  return valueAt(timeline.at, index) - endOf(timeline, before) <= valueAt(timeline.lengthMillis, before) / 2;
}

// Comparisons with NaN are false: missing values do not count.
function minOf(values: Float64Array): number {
  return values.reduce((least, each) => (each < least ? each : least), Number.POSITIVE_INFINITY);
}

function maxOf(values: Float64Array): number {
  return values.reduce((greatest, each) => (each > greatest ? each : greatest), Number.NEGATIVE_INFINITY);
}

/** How a view changes when a part of the brush is moved by this many milliseconds. */
export function moveBrush(view: TimeRange, part: 'from' | 'to' | 'both', millis: number): TimeRange {
  switch (part) {
    case 'both':
      return { from: view.from + millis, to: view.to + millis };
    case 'from':
      return { from: Math.min(view.from + millis, view.to - shortestRange), to: view.to };
    case 'to':
      return { from: view.from, to: Math.max(view.to + millis, view.from + shortestRange) };
    default:
      return part satisfies never;
  }
}

type BrushProps = Pick<OverviewProps, 'axis' | 'format' | 'labels'>;

function Brush({ axis, format, labels }: BrushProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const view = useSyncExternalStore(axis.subscribe, () => axis.view);
  const { bounds } = axis;
  const share = (at: number): number => (at - bounds.from) / (bounds.to - bounds.from);
  const left = Math.max(0, share(view.from));
  const right = Math.min(1, share(view.to));
  const held = useRef<{ part: 'from' | 'to' | 'both'; x: number; view: TimeRange }>(undefined);

  const millisPerPixel = (): number => (bounds.to - bounds.from) / Math.max(1, box.current?.clientWidth ?? 1);
  const set = (next: TimeRange): void => axis.set(next, next.to >= bounds.to);

  function onDown(event: PointerEvent<HTMLElement>): void {
    const part = event.target instanceof HTMLElement ? event.target.dataset['part'] : undefined;
    event.currentTarget.setPointerCapture(event.pointerId);
    let current = axis.view;
    if (part === undefined) {
      const at = bounds.from + (event.clientX - event.currentTarget.getBoundingClientRect().left) * millisPerPixel();
      const half = (current.to - current.from) / 2;
      set({ from: at - half, to: at + half });
      current = axis.view;
    }
    held.current = { part: part === 'from' || part === 'to' ? part : 'both', x: event.clientX, view: current };
  }
  function onMove(event: PointerEvent<HTMLElement>): void {
    if (held.current === undefined) return;
    const { part, x, view: start } = held.current;
    set(moveBrush(start, part, (event.clientX - x) * millisPerPixel()));
  }
  function onEdgeKey(event: KeyboardEvent, part: 'from' | 'to'): void {
    const step = (view.to - view.from) * (event.shiftKey ? 0.01 : 0.1);
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    set(moveBrush(view, part, event.key === 'ArrowLeft' ? -step : step));
  }
  // Each 24 pixels wide, side by side and within the box, however narrow the selection is and wherever it is.
  const to = `max(24px, min(100% - 24px, ${right * 100}% - 2px))`;
  const places = { from: `max(0px, min(${left * 100}% - 22px, ${to} - 24px))`, to };
  const edge = (part: 'from' | 'to'): JSX.Element => (
    <div
      role="slider"
      tabIndex={0}
      aria-label={part === 'from' ? labels.start : labels.end}
      aria-valuemin={Math.round(bounds.from / 1000)}
      aria-valuemax={Math.round(bounds.to / 1000)}
      aria-valuenow={Math.round(view[part] / 1000)}
      aria-valuetext={format.dateTime(view[part])}
      data-part={part}
      onKeyDown={(event) => onEdgeKey(event, part)}
      className="absolute inset-y-0 w-6 cursor-ew-resize touch-none"
      style={{ left: places[part] }}
    />
  );

  return (
    <div
      ref={box}
      className="absolute inset-x-0 top-0 bottom-4 cursor-pointer touch-none"
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={() => (held.current = undefined)}
      onPointerCancel={() => (held.current = undefined)}
    >
      <div className="pmd-veil pointer-events-none absolute inset-y-0 left-0" style={{ width: `${left * 100}%` }} />
      <div
        className="pmd-veil pointer-events-none absolute inset-y-0 right-0"
        style={{ width: `${(1 - right) * 100}%` }}
      />
      <div
        className="pmd-brush absolute inset-y-0"
        style={{ left: `${left * 100}%`, width: `max(8px, ${(right - left) * 100}%)` }}
      >
        <div
          role="group"
          tabIndex={0}
          aria-label={labels.window}
          data-part="both"
          onKeyDown={(event) => {
            if (pressKey(axis, event)) event.preventDefault();
          }}
          className="absolute inset-0 cursor-grab active:cursor-grabbing"
        />
      </div>
      {edge('from')}
      {edge('to')}
    </div>
  );
}
