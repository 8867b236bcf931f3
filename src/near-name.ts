const distanceMax = 3;

/** The name that was probably meant; `undefined` if none is near, and for a correct name. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const upper = given.toUpperCase();
  if (names.includes(given)) return undefined;
  const [best] = names
    .map((name) => ({ name, distance: distanceBetween(upper, name) }))
    .filter(({ name, distance }) => distance <= Math.min(distanceMax, Math.floor(name.length / 4)))
    .toSorted((a, b) => a.distance - b.distance);
  return best?.name;
}

/** The name that begins with the same two words, such as RETENTION_RAW_DAYS for RETENTION_RAW or RETENTION_RAW_HOURS. */
export function nameOfSameBeginning(given: string, names: readonly string[]): string | undefined {
  const beginning = (name: string): string => name.toUpperCase().split('_', 2).join('_');
  const wanted = beginning(given);
  return wanted.includes('_') && !names.includes(given) ? names.find((name) => beginning(name) === wanted) : undefined;
}

/** Levenshtein distance: letters to insert, delete or replace. */
function distanceBetween(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
