import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { type SeedProgress, seedHistory, seedProgress } from '../../../contract/system.ts';
import { type CommonOptions, type Context, numberArgument, remoteCommand } from '../../context.ts';
import { createProgress } from '../../output/progress.ts';

interface SeedOptions extends CommonOptions {
  readonly targets: number;
  readonly years: number;
  readonly intervalSeconds: number;
  readonly lossRate: number;
  readonly seed: number;
  readonly reset?: true;
  readonly quiet?: true;
}

export function addSeedCommand(program: Command, { output, open, signal }: Context): void {
  remoteCommand(
    program,
    'seed',
    'create demo targets in 198.18.0.0/15 with synthetic history; they are never probed',
    'pmd seed --targets 12 --years 2.5 --interval-seconds 60',
  )
    .option('--targets <n>', 'how many', numberArgument('--targets'), 12)
    .option('--years <n>', 'how far back', numberArgument('--years'), 2.5)
    .option('--interval-seconds <n>', 'between two results', numberArgument('--interval-seconds'), 60)
    .option('--loss-rate <ratio>', 'mean share of lost probes, 0 to 1', numberArgument('--loss-rate'), 0.005)
    .option('--seed <n>', 'the same number generates the same history', numberArgument('--seed'), 1)
    .option('--reset', 'erase earlier synthetic targets first')
    .option('--quiet', 'no progress bar')
    .action(async (options: SeedOptions) => {
      const body = {
        targets: options.targets,
        years: options.years,
        interval_seconds: options.intervalSeconds,
        loss_rate: options.lossRate,
        seed: options.seed,
        reset: options.reset === true,
      };
      const startedAt = performance.now();
      const response = await (await open(options.server)).open(seedHistory, { body }, signal);
      const bar = createProgress(output, { total: 100, unit: '%', isQuiet: options.quiet === true });
      let last: SeedProgress | undefined;
      for await (const step of readProgress(response)) {
        last = step;
        bar.reach(Math.round(step.fraction * 1000) / 10);
      }
      bar.end();
      const seconds = (performance.now() - startedAt) / 1000;
      if (last?.stage !== 'done') throw new Error('The server ended before the history was done; its log says why.');
      if (options.json === true) output.json({ ...last, seconds });
      else output.line(`${last.targets} targets with ${last.results} results in ${seconds.toFixed(1)} s`);
    });
}

async function* readProgress({ body }: Response): AsyncGenerator<SeedProgress> {
  if (body === null) return;
  for await (const line of createInterface({ input: Readable.fromWeb(body) }))
    yield seedProgress.parse(JSON.parse(line));
}
