import type { TargetState } from '../../../core/outage/target-state.ts';
import { nameOf, placeText } from '../../../contract/targets/target-place.ts';
import type { FleetEntry } from './fleet-store.ts';
import type { FleetSearch } from './fleet-search.ts';

export const sortKeys = ['worst', 'name', 'last', 'p50', 'p95', 'loss', 'jitter', 'hops', 'since'] as const;
export type SortKey = (typeof sortKeys)[number];

const badness: Readonly<Record<TargetState, number>> = {
  ...{ down: 0, 'not-sent': 1, partial: 2, degraded: 3, slow: 4, pending: 5, up: 6, synthetic: 7, paused: 8 },
};

const numbers: Readonly<Record<Exclude<SortKey, 'worst' | 'name'>, (entry: FleetEntry) => number | null | undefined>> =
  {
    last: (entry) => entry.lastMillis,
    p50: ({ target }) => target.latency_p50_ms,
    p95: ({ target }) => target.latency_p95_ms,
    loss: ({ target }) => target.loss_rate,
    jitter: ({ target }) => target.jitter_ms,
    hops: (entry) => entry.hops,
    since: (entry) => entry.since,
  };

/** `-p95`: the largest first. Unknown words mean the default: worst first. */
export function parseSort(text: string | undefined): { readonly key: SortKey; readonly isDescending: boolean } {
  const isDescending = text?.startsWith('-') === true;
  const key = sortKeys.find((each) => each === text?.replace(/^-/, ''));
  return key === undefined ? { key: 'worst', isDescending: false } : { key, isDescending };
}

/** The targets that match the search, in its order; those without the figure come last in either direction. */
export function arrange(entries: readonly FleetEntry[], search: FleetSearch): readonly FleetEntry[] {
  const { key, isDescending } = parseSort(search.sort);
  const sign = isDescending ? -1 : 1;
  return entries
    .filter((entry) => isShown(entry, search))
    .sort((a, b) => {
      if (key === 'worst') return sign * byWorst(a, b);
      if (key === 'name') return sign * byName(a, b);
      const [first, second] = [numbers[key](a) ?? undefined, numbers[key](b) ?? undefined];
      if (first === undefined || second === undefined) {
        return Number(first === undefined) - Number(second === undefined) || byName(a, b);
      }
      return sign * (first - second) || byName(a, b);
    });
}

/** Every word must occur in name, place, address, notes or tags. */
function isShown({ target, state }: FleetEntry, { q, state: states, tag: tags }: FleetSearch): boolean {
  if (states !== undefined && !states.includes(state)) return false;
  if (tags !== undefined && !tags.every((tag) => target.tags.includes(tag))) return false;
  if (q === undefined) return true;
  const text = [target.name ?? '', placeText(target), target.ip, target.notes ?? '', ...target.tags]
    .join('\n')
    .normalize('NFC')
    .toLowerCase();
  return q
    .normalize('NFC')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Down longest first, then degraded by loss and p95, then the rest by loss: noise must not make healthy rows change places. */
function byWorst(a: FleetEntry, b: FleetEntry): number {
  const difference = badness[a.state] - badness[b.state];
  if (difference !== 0) return difference;
  if (a.state === 'down' || a.state === 'not-sent') return (a.since ?? 0) - (b.since ?? 0) || byName(a, b);
  return (
    (b.target.loss_rate ?? 0) - (a.target.loss_rate ?? 0) ||
    (a.state === 'degraded' ? (b.target.latency_p95_ms ?? 0) - (a.target.latency_p95_ms ?? 0) : 0) ||
    byName(a, b)
  );
}

const names = new Intl.Collator('en', { numeric: true });

function byName(a: FleetEntry, b: FleetEntry): number {
  return names.compare(nameOf(a.target), nameOf(b.target));
}
