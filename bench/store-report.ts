/** What was measured: a name, figures as text for the table and as numbers for --json. */
export interface Figure {
  readonly engine: string;
  readonly name: string;
  readonly value: string;
  readonly numbers: Readonly<Record<string, number>>;
}

/** Takes each measurement as soon as it is known; a full run takes many minutes. */
export type Report = (figure: Omit<Figure, 'engine'>) => void;

export function spread(millis: readonly number[]): { p50: number; p99: number; max: number; count: number } {
  const sorted = millis.toSorted((a, b) => a - b);
  const at = (ratio: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0, count: sorted.length };
}

export function reportSpread(report: Report, name: string, millis: readonly number[]): void {
  const { p50, p99, max, count } = spread(millis);
  const value = `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, max ${max.toFixed(2)} ms (${count} times)`;
  report({ name, value, numbers: { p50Millis: p50, p99Millis: p99, maxMillis: max, count } });
}

export function reportRate(report: Report, name: string, results: number, seconds: number): void {
  const rate = results / seconds;
  const value = `${Math.round(rate).toLocaleString('en')} results/s (${results.toLocaleString('en')} in ${seconds.toFixed(1)} s)`;
  report({ name, value, numbers: { resultsPerSecond: rate, results, seconds } });
}

export function reportSize(report: Report, name: string, bytes: number, results: number): void {
  const value = `${(bytes / results).toFixed(3)} bytes/result (${(bytes / 1024 / 1024).toFixed(1)} MiB, ${results.toLocaleString('en')} results)`;
  report({ name, value, numbers: { bytesPerResult: bytes / results, bytes, results } });
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}
