/** What went other than asked for, by target. */
export const oddityNames = [
  'duplicates',
  'lateReplies',
  'wrongSources',
  'wrongTokens',
  'icmpErrors',
  'localDrops',
] as const;
export type OddityName = (typeof oddityNames)[number];

/** Counts of one target since the prober was opened or the target was added. */
export type TargetOddities = Readonly<Record<OddityName, number>>;

/** Rows of a target id and a count for each of `oddityNames`. */
export type OddityRows = Uint32Array<ArrayBuffer>;

const rowLength = 1 + oddityNames.length;
const placeOf = Object.fromEntries(oddityNames.map((name, at) => [name, at])) as Readonly<Record<OddityName, number>>;

/** Collects them in the probing thread until they are taken: a row only for those targets that have any. */
export class OddityCounts {
  readonly #counts = new Map<number, Uint32Array>();

  add(targetId: number, name: OddityName): void {
    let counts = this.#counts.get(targetId);
    if (counts === undefined) {
      counts = new Uint32Array(oddityNames.length);
      this.#counts.set(targetId, counts);
    }
    counts[placeOf[name]] = (counts[placeOf[name]] ?? 0) + 1;
  }

  take(): OddityRows | undefined {
    if (this.#counts.size === 0) return undefined;
    const rows = new Uint32Array(this.#counts.size * rowLength);
    let at = 0;
    for (const [targetId, counts] of this.#counts) {
      rows[at] = targetId;
      rows.set(counts, at + 1);
      at += rowLength;
    }
    this.#counts.clear();
    return rows;
  }
}

export const noOddities: TargetOddities = {
  ...{ duplicates: 0, lateReplies: 0, wrongSources: 0, wrongTokens: 0, icmpErrors: 0, localDrops: 0 },
};

/** Calls `onTarget` for each row with what is to be added. */
export function eachOddity(rows: OddityRows, onTarget: (targetId: number, more: TargetOddities) => void): void {
  for (let at = 0; at < rows.length; at += rowLength) {
    const counts = oddityNames.map((name, place) => [name, rows[at + 1 + place] ?? 0] as const);
    onTarget(rows[at] ?? 0, { ...noOddities, ...Object.fromEntries(counts) });
  }
}

export function addOddities(left: TargetOddities, right: TargetOddities): TargetOddities {
  const sums = oddityNames.map((name) => [name, left[name] + right[name]] as const);
  return { ...left, ...Object.fromEntries(sums) };
}
