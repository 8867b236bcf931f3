import { type JSX, useCallback } from 'react';
import { type Surface, useCanvas } from './canvas.ts';
import './charts.css';

export interface SparklineProps {
  /** One value for each slice of time, equally long, in time order; null where there was no reply. */
  readonly latenciesMs: readonly (number | null)[];
  /** 0..1 for each slice; null where nothing was sent. */
  readonly lossRates: readonly (number | null)[];
  /** What a screen reader says; without it the sparkline counts as decoration. */
  readonly label?: string;
  /** Sets the size: the canvas fills its box. */
  readonly className?: string;
}

/** A line of round trips above ticks of loss, whose height says how much was lost. */
export function Sparkline({ latenciesMs, lossRates, label, className }: SparklineProps): JSX.Element {
  const draw = useCallback(
    (surface: Surface) => drawSparkline(surface, latenciesMs, lossRates),
    [latenciesMs, lossRates],
  );
  const canvas = useCanvas(draw);
  const description = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return <canvas ref={canvas} className={className ?? 'h-7 w-28'} {...description} />;
}

const tickHeight = 6;

function drawSparkline(
  { context, width, height, palette }: Surface,
  latencies: readonly (number | null)[],
  losses: readonly (number | null)[],
): void {
  const count = Math.max(latencies.length, losses.length);
  if (count === 0) return;
  const step = width / count;
  const known = latencies.filter((value) => value !== null);
  const [least, greatest] = [Math.min(...known), Math.max(...known)];
  // A path that hardly varies must look calm: the scale spans at least a fifth of the value.
  const span = Math.max(greatest - least, greatest * 0.2, 0.02);
  const base = (least + greatest - span) / 2;
  const chartHeight = height - tickHeight - 3;
  const y = (value: number): number => 1.5 + chartHeight * (1 - (value - base) / span);

  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.strokeStyle = context.fillStyle = palette.line;
  context.beginPath();
  for (let index = 0; index < count; index++) {
    const value = latencies[index] ?? null;
    if (value === null) continue;
    const x = (index + 0.5) * step;
    if ((latencies[index - 1] ?? null) !== null) context.lineTo(x, y(value));
    else context.moveTo(x, y(value));
    const isAlone = (latencies[index - 1] ?? null) === null && (latencies[index + 1] ?? null) === null;
    if (isAlone) context.fillRect(x - 1, y(value) - 1, 2, 2);
  }
  context.stroke();

  context.fillStyle = palette.grid;
  context.fillRect(0, height - 1, width, 1);
  const tickWidth = Math.max(1.5, Math.min(4, step - 1));
  for (let index = 0; index < count; index++) {
    const loss = losses[index] ?? 0;
    if (loss <= 0) continue;
    const tall = loss >= 1 ? tickHeight : 2 + (tickHeight - 2) * Math.sqrt(loss) * 0.9;
    context.fillStyle = lossColor(loss, palette);
    context.fillRect((index + 0.5) * step - tickWidth / 2, height - tall, tickWidth, tall);
  }
}

/** `loss`: above 0 up to 1. */
export function lossColor(
  loss: number,
  palette: Pick<Surface['palette'], 'lossLow' | 'lossMid' | 'lossHigh' | 'lossFull'>,
): string {
  if (loss >= 1) return palette.lossFull;
  if (loss >= 0.2) return palette.lossHigh;
  return loss >= 0.02 ? palette.lossMid : palette.lossLow;
}
