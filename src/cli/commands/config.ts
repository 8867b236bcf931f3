import { type Command, Option } from 'commander';
import { showSettings } from '../../contract/system.ts';
import { type CommonOptions, type Context, localCommand } from '../context.ts';

interface ConfigOptions extends Omit<CommonOptions, 'server'> {
  readonly server?: string | true;
  readonly url?: string;
}

export function addConfigCommand(program: Command, { output, open, readSettings }: Context): void {
  localCommand(program, 'config', 'the settings in force, secrets masked', 'pmd config')
    .option('--server [url]', 'settings of the running server instead of those that a server started here would use')
    .addOption(new Option('--url <url>', 'the server of --server').hideHelp())
    .action(async ({ server, ...options }: ConfigOptions) => {
      if (server !== undefined) {
        const settings = await (await open(server === true ? options.url : server)).call(showSettings);
        if (options.json === true) output.json(settings);
        else output.table(['name', 'value'], Object.entries(settings));
        return;
      }
      const { settings, warnings } = readSettings();
      for (const warning of warnings) output.note(`pmd: ${warning}`);
      if (options.json === true) output.json(Object.fromEntries(settings.map(({ name, value }) => [name, value])));
      else {
        const rows = settings.map(({ name, value, source, meaning }) => [name, value, source, meaning]);
        output.table(['name', 'value', 'from', 'meaning'], rows);
      }
    });
}
