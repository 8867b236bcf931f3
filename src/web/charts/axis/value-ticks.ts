/** Round values for an axis from `min` to `max`, about `count` of them. */
export function linearTicks(min: number, max: number, count: number): readonly number[] {
  const rough = (max - min) / Math.max(1, count);
  if (!(rough > 0)) return [min];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? power * 10;
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** For a logarithmic axis: 1, 2 and 5 of each power of ten, or more or fewer of them to fit. */
export function logTicks(min: number, max: number, count: number): readonly number[] {
  if (max / min < 6) return linearTicks(min, max, count);
  const decades = Math.log10(max / min);
  const factors = decades * 3 <= count * 1.5 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    for (const factor of factors) ticks.push(Number((factor * 10 ** power).toPrecision(12)));
  }
  return ticks.filter((tick) => tick >= min * 0.999 && tick <= max * 1.001);
}

/** The range of a value axis: all of the data, from 0 unless that hides their shape. */
export function valueRange(min: number, max: number, isLog: boolean): readonly [number, number] {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return isLog ? [0.1, 10] : [0, 1];
  if (isLog) {
    const least = Math.max(min, 0.001);
    return [least / 1.12, Math.max(max, least * 1.2) * 1.12];
  }
  const span = Math.max(max - min, max * 0.1, 0.01);
  const from = min < max * 0.6 ? 0 : Math.max(0, min - span * 0.15);
  return [from, Math.max(max, from + span) + span * 0.08];
}
