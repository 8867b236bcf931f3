import type { JSX } from 'react';
import type { HistogramBinEntry } from '../../contract/history/insights.ts';
import type { Format } from '../i18n/format.ts';
import './charts.css';
import { linearTicks, logTicks } from './axis/value-ticks.ts';

export interface HistogramProps {
  readonly bins: readonly HistogramBinEntry[];
  /** Percentiles and the like, drawn as labelled lines. */
  readonly marks: readonly { readonly name: string; readonly value: number | null }[];
  readonly format: Pick<Format, 'locale' | 'latency' | 'count'>;
  readonly label: string;
}

// The labels of the marks are above the highest bin.
const highestPercent = 76;

interface XScale {
  readonly ticks: readonly number[];
  /** 0..100 */
  readonly xOf: (value: number) => number;
}

function scaleOf(bins: readonly HistogramBinEntry[]): XScale {
  const least = Math.max(bins[0]?.from_ms ?? 0, 0.001);
  const greatest = Math.max(bins.at(-1)?.to_ms ?? 1, least * 1.001);
  const isLog = greatest / least > 8;
  const place = isLog
    ? (value: number) => Math.log(Math.max(value, least) / least) / Math.log(greatest / least)
    : (value: number) => (value - least) / (greatest - least);
  const ticks = isLog ? logTicks(least, greatest, 6) : linearTicks(least, greatest, 6);
  return { ticks, xOf: (value) => 100 * Math.min(1, Math.max(0, place(value))) };
}

/** The distribution of the replies' round trips. A bin that is not empty is always visible. */
export function Histogram({ bins, marks, format, label }: HistogramProps): JSX.Element {
  const { ticks, xOf } = scaleOf(bins);
  // Bins differ in width: their area shows the count, so their height is the count divided by the drawn width.
  const density = bins.map(({ from_ms: from, to_ms: to, count }) => count / Math.max(0.2, xOf(to) - xOf(from)));
  const densest = density.reduce((most, each) => Math.max(most, each), 0);
  const shown = new Intl.NumberFormat(format.locale, { maximumSignificantDigits: 3 });
  return (
    <div>
      <svg role="img" aria-label={label} className="h-44 w-full overflow-visible">
        {ticks.map((tick) => (
          <line key={tick} x1={`${xOf(tick)}%`} x2={`${xOf(tick)}%`} y1="0" y2="100%" stroke="var(--chart-grid)" />
        ))}
        {bins.map((bin, index) => {
          const height = Math.max(1.5, (highestPercent * (density[index] ?? 0)) / densest);
          const [left, right] = [xOf(bin.from_ms), xOf(bin.to_ms)];
          return (
            <rect
              key={bin.from_ms}
              x={`${left}%`}
              y={`${100 - height}%`}
              width={`${Math.max(0.3, right - left - 0.15)}%`}
              height={`${height}%`}
              fill="var(--chart-line)"
              fillOpacity="0.75"
            >
              <title>{`${format.latency(bin.from_ms)} – ${format.latency(bin.to_ms)}: ${format.count(bin.count)}`}</title>
            </rect>
          );
        })}
        {marks.map(({ name, value }, index) =>
          value === null ? null : (
            <g key={name}>
              <line
                x1={`${xOf(value)}%`}
                x2={`${xOf(value)}%`}
                y1={index * 14}
                y2="100%"
                stroke="var(--chart-text)"
                strokeDasharray="3 3"
              />
              <text
                x={`${xOf(value)}%`}
                dx={xOf(value) > 85 ? -4 : 4}
                y={11 + index * 14}
                textAnchor={xOf(value) > 85 ? 'end' : 'start'}
                className="fill-(--chart-text) text-mini font-medium"
              >
                {name}
              </text>
            </g>
          ),
        )}
        <line x1="0" x2="100%" y1="100%" y2="100%" stroke="var(--chart-axis)" />
      </svg>
      <div className="relative mt-1 h-4 text-mini text-(--chart-axis)" aria-hidden>
        {ticks.map((tick) => (
          <span
            key={tick}
            className="absolute -translate-x-1/2"
            style={{ left: `${Math.min(97, Math.max(2, xOf(tick)))}%` }}
          >
            {shown.format(tick)}
          </span>
        ))}
        <span className="absolute right-0 -bottom-4">ms</span>
      </div>
    </div>
  );
}
