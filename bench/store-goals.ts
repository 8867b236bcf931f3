/** The target figures, by engine and the beginning of their name. */
const goals: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  SQLite: [
    ['append', 'at least 1,000,000 results/s'],
    ['commit of', 'p99 at most 10 ms'],
    ['the same while', 'p99 at most 10 ms'],
    ['at rest, 300 targets, 24 h, raw', 'at most 1.5 bytes/result'],
    ['insights 1 h', 'p99 at most 10 ms'],
    ['insights 24 h', 'p99 at most 10 ms'],
    ['insights 30 d', 'p99 at most 10 ms'],
    ['insights 1 y', 'p99 at most 30 ms'],
    ['insights 5 y', 'p99 at most 60 ms'],
    ['fleet of 300', 'at most 30 ms'],
  ],
  TimescaleDB: [
    ['append 10000', 'at least 250,000 results/s'],
    ['at rest, 300 targets, 24 h, raw', 'at most 2.4 bytes/result'],
    ['insights 24 h', 'at most 25 ms'],
    ['insights 30 d', 'at most 30 ms'],
    ['insights 1 y', 'at most 100 ms'],
  ],
};

export function goalOf(engine: string, figure: string): string | undefined {
  return goals[engine]?.find(([begin]) => figure.startsWith(begin))?.[1];
}
