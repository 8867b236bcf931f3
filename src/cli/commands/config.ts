import type { Command } from 'commander';
import { showSettings } from '../../contract/system.ts';
import { type CommonOptions, type Context, remoteCommand } from '../context.ts';

export function addConfigCommand(program: Command, { output, open, readSettings }: Context): void {
  remoteCommand(program, 'config', 'the settings in force, secrets masked', 'pmd config')
    .option('--server', 'those of the running server instead of those that a server started here would have')
    .action(async (options: CommonOptions & { server?: true }) => {
      if (options.server === true) {
        const settings = await (await open(options.url)).call(showSettings);
        if (options.json === true) output.json(settings);
        else output.table(['name', 'value'], Object.entries(settings));
        return;
      }
      const settings = readSettings();
      if (options.json === true) output.json(Object.fromEntries(settings.map(({ name, value }) => [name, value])));
      else {
        const rows = settings.map(({ name, value, source, meaning }) => [name, value, source, meaning]);
        output.table(['name', 'value', 'from', 'meaning'], rows);
      }
    });
}
