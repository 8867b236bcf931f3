import type { z } from 'zod';
import type { changeTargets } from '../../../contract/targets/bulk.ts';
import { normalizeTags } from '../../../core/target/target.ts';

export type BulkChange = z.input<NonNullable<typeof changeTargets.body>>;

/**
 * Undoes a change on the targets that it changed. `tagsBefore`: each keeps the tags that it already had, and gets none that it
 * never had.
 */
export function undoOf(
  change: BulkChange,
  changed: readonly number[],
  tagsBefore: ReadonlyMap<number, readonly string[]>,
): readonly BulkChange[] {
  const ids = [...changed];
  switch (change.action) {
    case 'pause':
      return [{ action: 'resume', ids }];
    case 'resume':
      return [{ action: 'pause', ids }];
    case 'delete':
      return [{ action: 'restore', ids }];
    case 'restore':
      return [{ action: 'delete', ids }];
    case 'tag':
      return undoOfTags(change, ids, tagsBefore);
    default:
      return change satisfies never;
  }
}

function undoOfTags(
  { add = [], remove = [] }: Extract<BulkChange, { readonly action: 'tag' }>,
  changed: readonly number[],
  tagsBefore: ReadonlyMap<number, readonly string[]>,
): readonly BulkChange[] {
  const [added, removed] = [normalizeTags(add), normalizeTags(remove)];
  const groups = new Map<string, Extract<BulkChange, { readonly action: 'tag' }>>();
  for (const id of changed) {
    const before = new Set(tagsBefore.get(id));
    const [lost, gained] = [removed.filter((tag) => before.has(tag)), added.filter((tag) => !before.has(tag))];
    const key = JSON.stringify([lost, gained]);
    const group = groups.get(key) ?? { action: 'tag', ids: [], add: lost, remove: gained };
    group.ids.push(id);
    groups.set(key, group);
  }
  return [...groups.values()];
}
