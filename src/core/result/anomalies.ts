/** Unexpected replies and packets, by target. */
export const anomalyNames = [
  'duplicates',
  'lateReplies',
  'wrongSources',
  'wrongTokens',
  'icmpErrors',
  'localDrops',
] as const;
export type AnomalyName = (typeof anomalyNames)[number];

/** Counts of one target since the prober was opened or the target was added. */
export type TargetAnomalies = Readonly<Record<AnomalyName, number>>;

/** Rows of a target id and a count for each of `anomalyNames`. */
export type AnomalyRows = Uint32Array<ArrayBuffer>;

const rowLength = 1 + anomalyNames.length;
const placeOf = Object.fromEntries(anomalyNames.map((name, at) => [name, at])) as Readonly<Record<AnomalyName, number>>;

/** Collects them in the probing thread until they are taken; only targets that have any get a row. */
export class AnomalyCounts {
  readonly #counts = new Map<number, Uint32Array>();

  add(targetId: number, name: AnomalyName): void {
    let counts = this.#counts.get(targetId);
    if (counts === undefined) {
      counts = new Uint32Array(anomalyNames.length);
      this.#counts.set(targetId, counts);
    }
    counts[placeOf[name]] = (counts[placeOf[name]] ?? 0) + 1;
  }

  take(): AnomalyRows | undefined {
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

export const noAnomalies: TargetAnomalies = {
  ...{ duplicates: 0, lateReplies: 0, wrongSources: 0, wrongTokens: 0, icmpErrors: 0, localDrops: 0 },
};

/** Calls `onTarget` for each row with the counts to add. */
export function eachAnomaly(rows: AnomalyRows, onTarget: (targetId: number, more: TargetAnomalies) => void): void {
  for (let at = 0; at < rows.length; at += rowLength) {
    const counts = anomalyNames.map((name, place) => [name, rows[at + 1 + place] ?? 0] as const);
    onTarget(rows[at] ?? 0, { ...noAnomalies, ...Object.fromEntries(counts) });
  }
}

export function addAnomalies(left: TargetAnomalies, right: TargetAnomalies): TargetAnomalies {
  const sums = anomalyNames.map((name) => [name, left[name] + right[name]] as const);
  return { ...left, ...Object.fromEntries(sums) };
}
