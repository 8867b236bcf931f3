import { Presets, SingleBar } from 'cli-progress';
import type { Output } from './output.ts';

export interface Progress {
  advance(by: number): void;
  reach(value: number): void;
  end(): void;
}

/** A bar on stderr if that is a terminal, a count if the total is unknown; nothing otherwise. */
export function createProgress(
  { stderr }: Output,
  { total, unit, isQuiet }: { readonly total: number | undefined; readonly unit: string; readonly isQuiet: boolean },
): Progress {
  if (isQuiet || stderr.isTTY !== true) return { advance: () => {}, reach: () => {}, end: () => {} };
  const format =
    total === undefined
      ? `{value} ${unit} | {duration_formatted}`
      : `{bar} {percentage}% | {value} of {total} ${unit} | {duration_formatted}, {eta_formatted} to go`;
  const bar = new SingleBar({ stream: stderr, format, hideCursor: true }, Presets.shades_classic);
  bar.start(total ?? 0, 0);
  return { advance: (by) => bar.increment(by), reach: (value) => bar.update(value), end: () => bar.stop() };
}
