import { type JSX, type KeyboardEvent, useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './charts.css';
import { addGestures, pressKey } from './axis/gestures.ts';
import { onPaletteChange, palette } from './drawing/palette.ts';
import type { TimeAxis } from './axis/time-axis.ts';
import type { TimeRange } from './axis/time-steps.ts';
import { timeTicks } from './axis/time-ticks.ts';
import { linearTicks, logTicks, valueRange } from './axis/value-ticks.ts';

export const scales = ['linear', 'log'] as const;
export type Scale = (typeof scales)[number];

/** Where a layer draws, in device pixels of the plot's own canvas. */
export interface Frame {
  readonly context: CanvasRenderingContext2D;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Top of the strip beneath the plot. */
  readonly stripTop: number;
  readonly ratio: number;
  readonly view: TimeRange;
  readonly xOf: (at: number) => number;
}

export interface TimeChartProps {
  readonly axis: TimeAxis;
  readonly scale: Scale;
  readonly locale: string;
  readonly timeZone: string;
  /** In CSS pixels, of everything. */
  readonly height: number;
  /** Room beneath the plot for `drawStrip`. */
  readonly stripHeight: number;
  readonly series: readonly uPlot.Series[];
  readonly bands: readonly uPlot.Band[];
  /** Data for a view; called for every frame, so it must be quick. Times in seconds. */
  readonly compose: (view: TimeRange, width: number) => uPlot.AlignedData;
  readonly drawUnder?: (frame: Frame) => void;
  readonly drawStrip?: (frame: Frame) => void;
  /** Called when `compose` would answer differently. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly label: string;
  readonly description: string;
}

const stripGap = 5;

/** uPlot on a shared time axis: draws each frame from what is known, pans and zooms by mouse, touch, wheel and keys. */
export function TimeChart(props: TimeChartProps): JSX.Element {
  const { axis, scale, locale, timeZone, stripHeight, series, bands, subscribe, label, description } = props;
  const [zoom] = useState(pageZoom);
  const height = Math.round(props.height * zoom);
  const box = useRef<HTMLDivElement>(null);
  const plotRef = useRef<uPlot>(undefined);
  const mark = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  const descriptionId = useId();

  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const plot = new uPlot(
      optionsOf({ width: element.clientWidth, height, scale, locale, timeZone, stripHeight, series, bands, latest }),
      [[], ...series.slice(1).map(() => [])] as uPlot.AlignedData,
      element,
    );
    plotRef.current = plot;
    let frame = 0;
    const render = (): void => {
      frame = 0;
      const { view } = axis;
      const data = latest.current.compose(view, plot.bbox.width / devicePixelRatio);
      plot.batch(() => {
        plot.setData(data, false);
        plot.setScale('x', { min: view.from / 1000, max: view.to / 1000 });
      });
    };
    const schedule = (): void => {
      if (frame === 0) frame = requestAnimationFrame(render);
    };
    const sizes = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== plot.width)
        plot.setSize({ width: element.clientWidth, height });
      schedule();
    });
    sizes.observe(element);
    const showMark = (range: TimeRange | undefined): void => {
      const shade = mark.current;
      if (shade === null) return;
      shade.hidden = range === undefined;
      if (range === undefined) return;
      const [left, right] = [range.from, range.to].map((at) => plot.valToPos(at / 1000, 'x') + plotLeft(plot));
      shade.style.left = `${left ?? 0}px`;
      shade.style.width = `${(right ?? 0) - (left ?? 0)}px`;
    };
    const ends = [
      axis.subscribe(schedule),
      subscribe(schedule),
      onPaletteChange(render),
      addGestures(element, {
        axis,
        plot: () => ({ left: plotLeft(plot), width: plot.bbox.width / devicePixelRatio }),
        onMark: showMark,
      }),
      () => sizes.disconnect(),
      () => cancelAnimationFrame(frame),
      () => plot.destroy(),
    ];
    schedule();
    return () => {
      for (const end of ends) end();
    };
  }, [axis, scale, locale, timeZone, height, stripHeight, series, bands, subscribe]);

  useEffect(() => {
    plotRef.current?.redraw();
  }, [props.compose, props.drawUnder, props.drawStrip]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || !pressKey(axis, event)) return;
    event.preventDefault();
  }

  return (
    <div
      ref={box}
      role="application"
      aria-label={label}
      aria-describedby={descriptionId}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="pmd-chart relative w-full cursor-crosshair touch-pan-y rounded-sm select-none"
      style={{ height }}
    >
      <p id={descriptionId} className="sr-only">
        {description}
      </p>
      <Crosshair axis={axis} plot={plotRef} height={height} />
      <div ref={mark} hidden className="pmd-chart-mark pointer-events-none absolute inset-y-0 z-10" />
    </div>
  );
}

/** How much larger than usual the page's text is: on a wall display the charts grow with it. */
function pageZoom(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 14;
}

function plotLeft(plot: uPlot): number {
  return plot.bbox.left / devicePixelRatio;
}

interface CrosshairProps {
  readonly axis: TimeAxis;
  readonly plot: { readonly current: uPlot | undefined };
  readonly height: number;
}

/** The moment that is pointed at, in every chart of the axis. */
function Crosshair({ axis, plot, height }: CrosshairProps): JSX.Element {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const move = (): void => {
      const { current } = plot;
      if (line.current === null || current === undefined) return;
      const { cursor, view } = axis;
      const isInView = cursor !== undefined && cursor >= view.from && cursor <= view.to;
      line.current.hidden = !isInView;
      if (!isInView) return;
      const share = (cursor - view.from) / (view.to - view.from);
      const x = plotLeft(current) + (share * current.bbox.width) / devicePixelRatio;
      line.current.style.transform = `translateX(${x}px)`;
    };
    return axis.subscribe(move);
  }, [axis, plot]);
  return (
    <div
      ref={line}
      hidden
      className="pmd-chart-cursor pointer-events-none absolute top-0 left-0 z-10 w-px"
      style={{ height: height - 30 * pageZoom() }}
    />
  );
}

/** What is pointed at; undefined if nothing is. */
export function useCursor(axis: TimeAxis): number | undefined {
  return useSyncExternalStore(axis.subscribe, () => axis.cursor);
}

interface OptionParts extends Pick<
  TimeChartProps,
  'height' | 'scale' | 'locale' | 'timeZone' | 'stripHeight' | 'series' | 'bands'
> {
  readonly width: number;
  readonly latest: { readonly current: TimeChartProps };
}

function optionsOf(parts: OptionParts): uPlot.Options {
  const { width, height, scale, locale, timeZone, stripHeight, series, bands, latest } = parts;
  const isLog = scale === 'log';
  const family = getComputedStyle(document.body).fontFamily;
  const zoom = pageZoom();
  const font = `${11 * zoom}px ${family}`;
  const shown = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 });
  const stroke = (): string => palette().axis;
  const grid = { stroke: () => palette().grid, width: 1 };
  const ticksFor = (plot: uPlot, min: number, max: number): ReturnType<typeof timeTicks> => {
    const range = { from: min * 1000, to: max * 1000 };
    return timeTicks(range, { width: plot.bbox.width / devicePixelRatio, locale, timeZone });
  };
  return {
    width,
    height,
    padding: [24 * zoom, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    series: [...series],
    bands: [...bands],
    scales: {
      x: { time: false, auto: false },
      y: { distr: isLog ? 3 : 1, range: (_, min, max) => [...valueRange(min, max, isLog)] },
    },
    axes: [
      {
        stroke,
        grid,
        font,
        ticks: { show: false },
        size: 36 * zoom + stripHeight + stripGap,
        gap: stripHeight + stripGap + 5,
        splits: (plot, _, min, max) => ticksFor(plot, min, max).map(({ at }) => at / 1000),
        values: (plot) => {
          const { min = 0, max = 1 } = plot.scales['x'] ?? {};
          return ticksFor(plot, min, max).map(({ label, context }) =>
            context === undefined ? label : `${label}\n${context}`,
          );
        },
      },
      {
        stroke,
        grid,
        font,
        ticks: { show: false },
        gap: 6,
        size: (_, values) => zoom * (20 + 6.2 * Math.max(2, ...(values ?? []).map((text) => text.length))),
        splits: (plot, _, min, max) => {
          const count = Math.max(2, plot.bbox.height / devicePixelRatio / (44 * zoom));
          return [...(isLog ? logTicks(min, max, count) : linearTicks(min, max, count))];
        },
        filter: (_, splits) => splits,
        values: (_, splits) => splits.map((value) => shown.format(value)),
      },
    ],
    hooks: {
      drawAxes: [(plot) => latest.current.drawUnder?.(frameOf(plot, latest.current.axis.view))],
      draw: [
        (plot) => {
          latest.current.drawStrip?.(frameOf(plot, latest.current.axis.view));
          drawUnit(plot, zoom);
        },
      ],
    },
  };
}

function frameOf(plot: uPlot, view: TimeRange): Frame {
  const { left, top, width, height } = plot.bbox;
  const ratio = devicePixelRatio;
  const perMilli = width / (view.to - view.from);
  return {
    ...{ context: plot.ctx, left, top, width, height, ratio, view },
    stripTop: top + height + stripGap * ratio,
    xOf: (at) => left + (at - view.from) * perMilli,
  };
}

/** Above the axis: a tick may be at its very top. */
function drawUnit({ ctx, bbox }: uPlot, zoom: number): void {
  const size = zoom * devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * size}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.fillStyle = palette().axis;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.fillText('ms', bbox.left - 6 * devicePixelRatio, bbox.top - 8 * size);
  ctx.restore();
}
