/** Whether the long versions are asked for: `npm run test:faults`. */
export const isLong = process.env['PMD_FAULTS'] === 'long';

/** How often, how many or how long: a little in every run of the tests, much on demand. */
export function often(fast: number, long: number): number {
  return isLong ? long : fast;
}
