// How fast and how small the history is: npm run bench:store -- [--engine ENGINES] [--quick] [--json] [--only PART]
// ENGINES: sqlite, postgres (embedded), postgresql://… (with or without TimescaleDB), several with commas.
// Parts: append, sealing, size, reads, seed, rows. A full run takes about half an hour; --quick a minute or two.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/database-servers.ts';
import { type Engine, postgresAt, sqlite } from './store-engine.ts';
import { goalOf } from './store-goals.ts';
import { measureReads, measureSeed } from './store-read.ts';
import type { Figure, Report } from './store-report.ts';
import { measureRows, reportOldSystem } from './store-rows.ts';
import { measureCommitsWhileSealing, measureSize, measureThroughput } from './store-write.ts';

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    /** How many have full retention in the part `reads`. */
    targets: { type: 'string', default: '300' },
  },
});
const { quick: isQuick, only } = options;
await using servers = new AsyncDisposableStack();
const engines = await Promise.all(options.engine.split(',').map(engineOf));
const figures: Figure[] = [];

/** `postgres`: a server of our own, for the time of the run. */
async function engineOf(name: string): Promise<Engine> {
  if (name === 'sqlite') return sqlite;
  if (name === 'postgres') return postgresAt(servers.use(await startPostgres()).address('postgres'));
  if (URL.canParse(name)) return postgresAt(name);
  throw new Error(`--engine takes sqlite, postgres or the address of a PostgreSQL server, not ${name}`);
}

function reporter(engine: string): Report {
  return (figure) => {
    figures.push({ engine, ...figure });
    const goal = goalOf(engine, figure.name);
    const beside = goal === undefined ? '' : `; goal ${goal}`;
    if (!options.json)
      process.stdout.write(`${engine.padEnd(12)} ${figure.name.padEnd(48)} ${figure.value}${beside}\n`);
  };
}

async function part(name: string, measure: () => Promise<void> | void): Promise<void> {
  if (only === undefined || only === name) await measure();
}

for (const engine of engines) {
  const report = reporter(engine.name);
  report({ name: 'load of the machine in the last minute', value: loadavg()[0]?.toFixed(2) ?? '', numbers: {} });
  await part('append', async () => {
    await measureThroughput(engine, report, { targets: 300, seconds: isQuick ? 1200 : 3600 });
    await measureThroughput(engine, report, { targets: 10_000, seconds: isQuick ? 300 : 900 });
  });
  await part('sealing', () =>
    measureCommitsWhileSealing(engine, report, { targets: 10_000, seconds: isQuick ? 900 : 3600 }),
  );
  await part('size', () => measureSize(engine, report, { targets: 300, hours: isQuick ? 2 : 24 }));
  await part('reads', () => {
    const full = { targets: Number(options.targets), dense: 4, rawDays: 3, minuteDays: 31, years: 5, times: 300 };
    const quick = { targets: 30, dense: 2, rawDays: 1, minuteDays: 8, years: 5, times: 60 };
    return measureReads(engine, report, isQuick ? quick : full);
  });
  await part('seed', () => measureSeed(engine, report, isQuick ? 0.25 : 2.5));
}
await part('rows', () => {
  measureRows(reporter('rows'), 300, isQuick ? 300 : 3600);
  reportOldSystem(reporter('old system'));
});
if (options.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
