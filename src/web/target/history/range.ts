import { longestRange, shortestRange } from '../../charts/axis/time-axis.ts';
import type { TimeRange } from '../../charts/axis/time-steps.ts';

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

/** Ranges that end now, by their name in the address. */
export const presets = {
  '15m': 15 * minute,
  '1h': hour,
  '6h': 6 * hour,
  '24h': day,
  '7d': 7 * day,
  '30d': 30 * day,
  '90d': 90 * day,
  '1y': 365 * day,
  '5y': longestRange,
} as const;
export type Preset = keyof typeof presets;
export const presetNames = Object.keys(presets) as readonly Preset[];

export interface Selection {
  readonly view: TimeRange;
  readonly isLive: boolean;
}

type Search = Readonly<Record<string, string | undefined>>;

/** What an address selects: `range=1h` up to now, or `from` and `to`; anything else is the last hour. */
export function selectionOf(search: Search, now: number): Selection {
  const from = Date.parse(search['from'] ?? '');
  const to = Date.parse(search['to'] ?? '');
  if (to - from >= shortestRange && to - from <= longestRange) return { view: { from, to }, isLive: false };
  const length = lengthOf(search['range'] ?? '1h') ?? hour;
  return { view: { from: now - length, to: now }, isLive: true };
}

/** The length that a name stands for: a preset, or seconds as in 5400s. */
function lengthOf(name: string): number | undefined {
  const preset = presetNames.find((each) => each === name);
  if (preset !== undefined) return presets[preset];
  const seconds = Number(/^(\d{2,9})s$/.exec(name)?.[1]);
  const length = seconds * 1000;
  return length >= shortestRange && length <= longestRange ? length : undefined;
}

export function presetOf({ view, isLive }: Selection): Preset | undefined {
  if (!isLive) return undefined;
  const length = view.to - view.from;
  return presetNames.find((name) => Math.abs(presets[name] - length) < 1000);
}

/** The address of a selection. */
export function searchOf(selection: Selection): Search {
  const { view, isLive } = selection;
  if (!isLive) {
    const [from, to] = [view.from, view.to].map((at) => new Date(Math.round(at / 1000) * 1000).toISOString());
    return { range: undefined, from, to };
  }
  const name = presetOf(selection) ?? `${Math.round((view.to - view.from) / 1000)}s`;
  return { range: name, from: undefined, to: undefined };
}
