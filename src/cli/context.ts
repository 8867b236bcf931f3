import { type Command, Option } from 'commander';
import type { Client } from '../contract/client.ts';
import { UsageError } from './failure.ts';
import type { CliOptions } from './options.ts';
import type { Output } from './output/output.ts';

/** What every command gets. */
export interface Context extends CliOptions {
  readonly output: Output;
  /** The user's config folder. */
  readonly folder: string;
  /** An authenticated client for the server at `url`, or for the one in the environment. */
  readonly open: (url: string | undefined) => Promise<Client>;
}

/** The options of every command. */
export interface CommonOptions {
  readonly json?: true;
  readonly server?: string;
}

/** A command that talks to the server: `--json` and `--server` in addition to its own options, and an example in its help. */
export function remoteCommand(parent: Command, nameAndArguments: string, text: string, example: string): Command {
  return localCommand(parent, nameAndArguments, text, example)
    .option('--server <url>', 'server (default: PMD_URL)')
    .addOption(new Option('--url <url>', 'deprecated: --server').hideHelp())
    .hook('preAction', (command) => {
      const { url, server } = command.opts<{ url?: string; server?: string }>();
      if (url === undefined) return;
      command.configureOutput().writeErr?.('pmd: --url is deprecated here; use --server.\n');
      if (server === undefined) command.setOptionValue('server', url);
    });
}

export function localCommand(parent: Command, nameAndArguments: string, text: string, example: string): Command {
  return parent
    .command(nameAndArguments)
    .description(text)
    .option('--json', 'print JSON for scripts')
    .addHelpText('after', `\nExample:\n  $ ${example}`);
}

/** A numeric argument; the error names the argument. */
export function numberArgument(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) {
      throw new UsageError(`${name} must be a number, not ${JSON.stringify(text)}.`);
    }
    return value;
  };
}

/** An id argument: of a target, or of what else `list` lists. */
export function idArgument(text: string, list = 'pmd target list'): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError(`An id is a whole number from 1 up, not ${JSON.stringify(text)}; ${list} shows them.`);
}
