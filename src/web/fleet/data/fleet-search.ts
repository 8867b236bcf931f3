import { isIdList } from './id-list.ts';
import { type TargetState, targetStates } from '../../../core/outage/target-state.ts';

/** What of the fleet is shown, as in the address; absent parts have their defaults: everything, worst first. */
export interface FleetSearch {
  readonly q?: string;
  readonly state?: readonly TargetState[];
  readonly tag?: readonly string[];
  readonly sort?: string;
  readonly view?: 'tiles' | 'table';
  /** The selected ids, such as `1-40,45`. */
  readonly sel?: string;
}

export function parseFleetSearch(search: Readonly<Record<string, unknown>>): FleetSearch {
  const states = listOf(search['state']).filter((state): state is TargetState =>
    (targetStates as readonly string[]).includes(state),
  );
  const tags = listOf(search['tag']);
  const { q, sort, view, sel } = search;
  return {
    ...(typeof q === 'string' && q !== '' ? { q } : typeof q === 'number' ? { q: String(q) } : {}),
    ...(states.length > 0 ? { state: states } : {}),
    ...(tags.length > 0 ? { tag: tags } : {}),
    ...(typeof sort === 'string' && /^-?[a-z0-9]+$/.test(sort) ? { sort } : {}),
    ...(view === 'tiles' || view === 'table' ? { view } : {}),
    ...(isIdList(String(sel)) ? { sel: String(sel) } : {}),
  };
}

function listOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each): each is string => typeof each === 'string' && each !== '');
}
