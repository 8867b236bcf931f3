// How fast and how small the history is: npm run bench:store -- [--quick] [--json] [--only PART]
// Parts: append, sealing, size, reads, seed, rows. A full run takes about half an hour; --quick a minute or two.
import { parseArgs } from 'node:util';
import { sqlite } from './store-engine.ts';
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
  },
});
const { quick: isQuick, only } = options;
const engines = [sqlite].filter(({ name }) => options.engine === 'all' || name.toLowerCase() === options.engine);
const figures: Figure[] = [];

function reporter(engine: string): Report {
  return (figure) => {
    figures.push({ engine, ...figure });
    if (!options.json) process.stdout.write(`${engine.padEnd(12)} ${figure.name.padEnd(48)} ${figure.value}\n`);
  };
}

async function part(name: string, measure: () => Promise<void> | void): Promise<void> {
  if (only === undefined || only === name) await measure();
}

for (const engine of engines) {
  const report = reporter(engine.name);
  await part('append', async () => {
    await measureThroughput(engine, report, { targets: 300, seconds: isQuick ? 1200 : 3600 });
    await measureThroughput(engine, report, { targets: 10_000, seconds: isQuick ? 300 : 900 });
  });
  await part('sealing', () =>
    measureCommitsWhileSealing(engine, report, { targets: 10_000, seconds: isQuick ? 900 : 3600 }),
  );
  await part('size', () => measureSize(engine, report, { targets: 300, hours: isQuick ? 2 : 24 }));
  await part('reads', () => {
    const full = { targets: 300, dense: 4, rawDays: 3, minuteDays: 31, years: 5, times: 300 };
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
