import { lossMarks, type LossTimeline } from '../../charts/data/loss-marks.ts';
import { type Palette, lossColor } from '../../charts/drawing/palette.ts';

const bucketMillis = 60_000;
const kept = 60;
/** Enough for a median of one minute at ten probes a second; a ring, so it never grows. */
const valuesMax = 64;

/** The last hour of one target in minutes: medians and losses, the newest last. */
export interface Spark {
  /** Milliseconds; NaN without a reply. */
  readonly medians: Float32Array;
  /** 0..1; NaN if nothing was sent. */
  readonly losses: Float32Array;
  /** Between two probes. */
  readonly intervalMillis: number;
  /** Adds one result; `undefined` is a loss. */
  add(at: number, latencyMillis: number | undefined): void;
}

/** `end`: when the last of the server's buckets ends. */
export function createSpark(
  latencies: readonly (number | null)[],
  lossRates: readonly (number | null)[],
  { end, intervalMillis }: { readonly end: number; readonly intervalMillis: number },
): Spark {
  const medians = new Float32Array(kept).fill(Number.NaN);
  const losses = new Float32Array(kept).fill(Number.NaN);
  const offset = kept - latencies.length;
  for (const [index, value] of latencies.entries()) if (value !== null) medians[offset + index] = value;
  for (const [index, value] of lossRates.entries()) if (value !== null) losses[offset + index] = value;
  const values = new Float32Array(valuesMax);
  let lastEnd = end;
  let [answered, sent, lost] = [0, 0, 0];

  function shiftTo(at: number): void {
    while (at >= lastEnd) {
      medians.copyWithin(0, 1);
      losses.copyWithin(0, 1);
      medians[kept - 1] = Number.NaN;
      losses[kept - 1] = Number.NaN;
      [answered, sent, lost] = [0, 0, 0];
      lastEnd += bucketMillis;
    }
  }

  return {
    ...{ medians, losses, intervalMillis },
    add(at, latency) {
      // Older ones are included in the server's answer.
      if (at < lastEnd - bucketMillis) return;
      shiftTo(Math.min(at, lastEnd + kept * bucketMillis));
      sent++;
      if (latency === undefined) lost++;
      else {
        values[answered % valuesMax] = latency;
        answered++;
        const sorted = values.slice(0, Math.min(answered, valuesMax)).sort();
        medians[kept - 1] = sorted[sorted.length >> 1] ?? Number.NaN;
      }
      losses[kept - 1] = lost / sent;
    },
  };
}

/**
 * A line of medians over the last hour, and a tick at the foot for each minute with losses, whose height shows how large they
 * were.
 */
export function drawSpark(
  canvas: HTMLCanvasElement,
  { medians, losses, intervalMillis }: Spark,
  { width, height, colors }: { readonly width: number; readonly height: number; readonly colors: Palette },
): void {
  const ratio = devicePixelRatio;
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const step = width / kept;
  const top = 3;
  const foot = height - 5;
  let [low, high] = [Infinity, -Infinity];
  for (const value of medians) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // A calm line stays calm: jitter of a few per cent does not fill the whole height.
  const span = Math.max(high - low, high * 0.2, 0.01);
  const middle = (high + low) / 2;
  context.fillStyle = colors.axis;
  for (let index = 0; index < kept; index++) {
    if (Number.isNaN(losses[index] ?? Number.NaN)) context.fillRect((index + 0.5) * step, foot, 1, 1);
  }
  context.beginPath();
  let isDrawing = false;
  for (let index = 0; index < kept; index++) {
    const value = medians[index] ?? Number.NaN;
    if (Number.isNaN(value)) {
      isDrawing = false;
      continue;
    }
    const x = (index + 0.5) * step;
    const y = foot - ((value - middle) / span + 0.5) * (foot - top);
    if (isDrawing) context.lineTo(x, y);
    else {
      context.moveTo(x - step / 2, y);
      context.lineTo(x, y);
    }
    isDrawing = true;
  }
  context.strokeStyle = colors.line;
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.stroke();
  const marks = lossMarks(minutesOf(losses, intervalMillis));
  for (let index = 0; index < kept; index++) {
    const loss = losses[index] ?? 0;
    if (!(loss > 0)) continue;
    const isTick = marks[index] === 'tick';
    context.fillStyle = isTick ? colors.lossHigh : lossColor(loss, colors);
    const size = 3 + (isTick ? 0.4 : loss) * (height - 4);
    context.fillRect(index * step, height - size, Math.max(1.5, step - 0.5), size);
  }
}

const minuteStarts = Float64Array.from({ length: kept }, (_, index) => index * bucketMillis);
const minuteLengths = new Float64Array(kept).fill(bucketMillis);

/** The minutes as a timeline; the number of probes in each follows from the interval. */
function minutesOf(losses: Float32Array, intervalMillis: number): LossTimeline {
  return {
    length: kept,
    at: minuteStarts,
    lengthMillis: minuteLengths,
    coveredMillis: new Float64Array(kept).fill(intervalMillis),
    sampleCount: new Float64Array(kept).fill(Math.max(1, Math.floor(bucketMillis / intervalMillis))),
    loss: Float64Array.from(losses),
  };
}
