import type { LossMark } from './data/loss-marks.ts';
import { lossColor, palette } from './drawing/palette.ts';
import { colorOf, patternOf } from './drawing/patterns.ts';
import type { Frame } from './time-chart.tsx';
import { type Absence, type AbsenceKind, endOf, type Timeline, valueAt } from './data/timeline.ts';

export const stripHeight = 20;
/** For a tick, in CSS pixels and as a share of the strip. */
const [tickWidth, tickShare] = [2, 0.55];

export interface StripContent {
  readonly timeline: Timeline;
  readonly marks: readonly LossMark[];
  readonly absences: readonly Absence[];
}

/**
 * Loss as bars whose height and colour show its size, single losses as ticks; while the target was down, bars are crossed; what
 * was not measured has its own pattern.
 */
export function drawStrip(frame: Frame, { timeline, marks, absences }: StripContent): void {
  const { context, left, width, ratio, stripTop, xOf } = frame;
  const colors = palette();
  const height = stripHeight * ratio;
  context.save();
  context.beginPath();
  context.rect(left, stripTop, width, height);
  context.clip();
  context.fillStyle = colors.grid;
  context.fillRect(left, stripTop, width, height);
  drawAbsences(frame, absences, { top: stripTop, height, alpha: 1 });
  for (const [index, loss] of timeline.loss.entries()) {
    if (Number.isNaN(loss)) continue;
    const from = xOf(valueAt(timeline.at, index));
    const until = Math.min(endOf(timeline, index), timeline.at[index + 1] ?? Number.POSITIVE_INFINITY);
    const barWidth = Math.max(xOf(until) - from, 1.5 * ratio);
    const mark = marks[index];
    if (mark === 'none' || mark === 'tick') {
      context.fillStyle = colors.good;
      context.fillRect(from, stripTop + height - 2 * ratio, barWidth, 2 * ratio);
    }
    if (mark === 'none') continue;
    if (mark === 'tick') {
      context.fillStyle = colors.lossHigh;
      const tall = height * tickShare;
      context.fillRect(from + (barWidth - tickWidth * ratio) / 2, stripTop + height - tall, tickWidth * ratio, tall);
      continue;
    }
    const isAll = mark === 'all';
    const tall = isAll ? height : height * (0.25 + 0.6 * Math.sqrt(loss));
    const isCrossed = isAll && barWidth >= 4 * ratio;
    context.fillStyle = isCrossed
      ? patternOf(context, 'full-loss', { palette: colors, ratio })
      : lossColor(loss, colors);
    context.fillRect(from, stripTop + height - tall, barWidth, tall);
  }
  context.restore();
}

export function drawAbsences(
  { context, left, width, ratio, xOf }: Frame,
  absences: readonly Absence[],
  { top, height, alpha }: { readonly top: number; readonly height: number; readonly alpha: number },
): void {
  const colors = palette();
  context.save();
  context.globalAlpha = alpha;
  for (const { kind, from, to } of absences) {
    const start = Math.max(left, xOf(from));
    const end = Math.min(left + width, Math.max(xOf(to), start + 1.5 * ratio));
    if (end <= left || start >= left + width) continue;
    const isWide = end - start >= 5 * ratio;
    context.fillStyle = isWide ? patternOf(context, kind, { palette: colors, ratio }) : colorOf(kind, colors);
    context.fillRect(start, top, end - start, height);
  }
  context.restore();
}

/** Labels the stretches that have room for it. */
export function drawAbsenceNames(
  { context, left, width, top, height, ratio, xOf }: Frame,
  absences: readonly Absence[],
  names: Readonly<Record<AbsenceKind, string>>,
): void {
  const colors = palette();
  context.save();
  context.font = `600 ${11 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { kind, from, to } of absences) {
    const start = Math.max(left, xOf(from));
    const end = Math.min(left + width, xOf(to));
    const room = context.measureText(names[kind]).width + 16 * ratio;
    if (end - start < room + 8 * ratio) continue;
    const middle = (start + end) / 2;
    context.fillStyle = colors.surface;
    context.fillRect(middle - room / 2, top + height / 2 - 10 * ratio, room, 20 * ratio);
    context.fillStyle = colorOf(kind, colors);
    context.fillText(names[kind], middle, top + height / 2);
  }
  context.restore();
}
