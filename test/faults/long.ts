/** Whether the long versions are requested: `npm run test:faults`. */
export const isLong = process.env['PMD_FAULTS'] === 'long';

/** How often, how many or how long: a little in every test run, much on demand. */
export function often(fast: number, long: number): number {
  return isLong ? long : fast;
}
