import type { TargetShape } from '../../contract/targets/targets.ts';
import { nameOf } from '../../contract/targets/target-place.ts';

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
  /** Drawn this much later than it was. */
  readonly shiftMillis: number;
}

export interface ComparedIds {
  /** Known targets, without duplicates, eight at most. */
  readonly shown: readonly number[];
  /** Those that there are no lines left for. */
  readonly beyond: readonly number[];
  /** Ids of no existing target. */
  readonly unknown: readonly string[];
}

/** The ids of an address. */
export function idsIn(text: string | undefined, targets: readonly Pick<TargetShape, 'id'>[]): ComparedIds {
  const known = new Set(targets.map(({ id }) => id));
  const words = [...new Set((text ?? '').split(',').filter((word) => word !== ''))];
  const ids = [...new Set(words.map(Number).filter((id) => known.has(id)))];
  return {
    shown: ids.slice(0, targetsMax),
    beyond: ids.slice(targetsMax),
    unknown: words.filter((word) => !known.has(Number(word))),
  };
}

/** Whether each word occurs in address, host name, notes or tags. */
export function isFound({ ip, host, notes, tags }: TargetShape, text: string): boolean {
  const all = [ip, host ?? '', notes ?? '', ...tags].join('\n').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

export function comparedOf(
  targets: readonly TargetShape[],
  { idsText, hasWeeks, beforeName }: { idsText: string; hasWeeks: boolean; beforeName: (name: string) => string },
): readonly Compared[] {
  return idsIn(idsText, targets).shown.flatMap((id): readonly Compared[] => {
    const target = targets.find((each) => each.id === id);
    if (target === undefined) return [];
    const line = { targetId: id, name: nameOf(target), intervalMillis: target.frequency * 1000 };
    const now = { ...line, key: `${id}`, shiftMillis: 0 };
    return hasWeeks
      ? [now, { ...line, key: `${id}-before`, name: beforeName(nameOf(target)), shiftMillis: weekMillis }]
      : [now];
  });
}
