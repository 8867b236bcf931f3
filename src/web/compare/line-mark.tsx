import { dashes } from './compared.ts';

/** What a line of the chart looks like. */
export function LineMark({ index }: { readonly index: number }) {
  return (
    <svg aria-hidden width="28" height="8" className="shrink-0 self-center">
      <line
        x1="0"
        x2="28"
        y1="4"
        y2="4"
        stroke={`var(--chart-series-${index + 1})`}
        strokeWidth="2.5"
        strokeDasharray={(dashes[index] ?? []).join(' ')}
      />
    </svg>
  );
}
