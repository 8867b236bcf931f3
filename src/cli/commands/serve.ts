import type { Command } from 'commander';
import type { Context } from '../context.ts';

export function addServeCommand(program: Command, context: Context): void {
  program
    .command('serve')
    .description('run the server: API, probing, storage')
    .addHelpText('after', '\nIts settings come from the environment and .env; pmd config shows them.')
    .action(() => context.serve(context.signal));
}
