import type { TargetShape } from '../../contract/targets.ts';
import { nameOf } from '../../contract/target-place.ts';

export const targetsMax = 8;
export const weekMillis = 7 * 86_400_000;
/** Lines differ by their dashes as well as by their colours. */
export const dashes: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [14, 4],
  [4, 4],
  [1, 4],
  [10, 3, 2, 3, 2, 3],
];

/** One line of the chart. */
export interface Compared {
  readonly key: string;
  readonly name: string;
  readonly targetId: number;
  readonly intervalMillis: number;
  /** Drawn so much later than it was. */
  readonly shiftMillis: number;
}

/** The ids of an address: known targets, each once, eight at most. */
export function idsIn(text: string | undefined, targets: readonly Pick<TargetShape, 'id'>[]): readonly number[] {
  const known = new Set(targets.map(({ id }) => id));
  const ids = (text ?? '').split(',').map(Number);
  return [...new Set(ids)].filter((id) => known.has(id)).slice(0, targetsMax);
}

export function comparedOf(
  targets: readonly TargetShape[],
  { idsText, hasWeeks, beforeName }: { idsText: string; hasWeeks: boolean; beforeName: (name: string) => string },
): readonly Compared[] {
  return idsIn(idsText, targets).flatMap((id): readonly Compared[] => {
    const target = targets.find((each) => each.id === id);
    if (target === undefined) return [];
    const line = { targetId: id, name: nameOf(target), intervalMillis: target.frequency * 1000 };
    const now = { ...line, key: `${id}`, shiftMillis: 0 };
    return hasWeeks
      ? [now, { ...line, key: `${id}-before`, name: beforeName(nameOf(target)), shiftMillis: weekMillis }]
      : [now];
  });
}
