import tab from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import { addAccountCommands } from './commands/accounts.ts';
import { addBackupCommands } from './commands/database/backup.ts';
import { addCheckCommand } from './commands/database/check.ts';
import { addConfigCommand } from './commands/config.ts';
import { addHistoryCommands } from './commands/history.ts';
import { addImportCommand } from './commands/import.ts';
import { addLoginCommands } from './commands/login.ts';
import { addMigrateStoreCommand } from './commands/database/migrate-store.ts';
import { addPingCommand } from './commands/ping.ts';
import { addSeedCommand } from './commands/database/seed.ts';
import { addServeCommand } from './commands/serve.ts';
import { addStatusCommand } from './commands/status.ts';
import { addTargetFileCommands } from './commands/target-files.ts';
import { addTargetCommands } from './commands/targets.ts';
import { addTracerouteCommand } from './commands/traceroute.ts';
import { addWatchCommand } from './commands/watch.ts';
import type { Context } from './context.ts';
import { configFolder } from './credentials.ts';
import { type ExitCode, describeFailure, InterruptedError } from './failure.ts';
import { createOutput } from './output/output.ts';
import type { CliOptions } from './options.ts';
import { openSession } from './session.ts';

/** Runs one command and returns its exit code; never throws and never ends the process. */
export async function runCli(options: CliOptions): Promise<ExitCode> {
  const { environment, stdout, stderr } = options;
  const hasColors = (environment['NO_COLOR'] ?? '') === '' && stdout.isTTY === true;
  const output = createOutput({ stdout, stderr }, hasColors);
  const folder = configFolder();
  const context: Context = { ...options, output, folder, open: (url) => openSession(environment, url, folder) };
  const program = createProgram(context);
  try {
    await program.parseAsync([...options.argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (options.signal.aborted) {
      output.note(`pmd: ${error instanceof InterruptedError ? error.message : 'Interrupted.'}`);
      return 1;
    }
    const { code, message } = describeFailure(error);
    output.note(`pmd: ${message}`);
    return code;
  }
}

/** The tree of commands, from which the documentation is generated. */
export function createProgram(context: Context): Command {
  const program = new Command('pmd')
    .description('PingMeDaddy: is it up, how slow, how lossy, since when.')
    .version(context.version)
    // Options after the name of a subcommand belong to it: "import" has some, and so does "import list".
    .enablePositionalOptions()
    .showHelpAfterError('(pmd COMMAND --help shows what it takes)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.output.stdout.write(text),
      writeErr: (text) => void context.output.stderr.write(text),
    })
    .addHelpText('after', examples);
  addServeCommand(program, context);
  addLoginCommands(program, context);
  addAccountCommands(program, context);
  addPingCommand(program, context);
  const target = program.command('target').alias('targets').description('add, list, change and read targets');
  addTargetCommands(target, context);
  addHistoryCommands(target, context);
  addTargetFileCommands(target, context);
  addWatchCommand(program, context);
  addTracerouteCommand(program, context);
  addImportCommand(program, context);
  addSeedCommand(program, context);
  addStatusCommand(program, context);
  addBackupCommands(program, context);
  addCheckCommand(program, context);
  addMigrateStoreCommand(program, context);
  addConfigCommand(program, context);
  tab(program);
  makeCompletionRepeatable(program, context.stdout);
  return program;
}

/** A shell cannot source it twice while it holds `readonly` variables. */
function makeCompletionRepeatable(program: Command, stdout: CliOptions['stdout']): void {
  const command = program.commands.find((each) => each.name() === 'complete');
  const write = stdout.write.bind(stdout) as (text: string) => boolean;
  command?.hook('preAction', () => {
    stdout.write = ((chunk: unknown) =>
      write(String(chunk).replaceAll(/^readonly (?=ShellComp)/gm, ''))) as typeof stdout.write;
  });
}

const examples = `
Examples:
  $ pmd ping 127.0.0.1                   one probe, no server needed
  $ pmd login                            then everything below is authenticated
  $ pmd target add 192.0.2.1 --notes "core router"
  $ pmd target add www.example --tcp 443
  $ pmd target list --json
  $ pmd watch                            the fleet, live
  $ source <(pmd complete bash)          completion for bash, zsh, fish or powershell

The server is http://127.0.0.1:7464, or PMD_URL. Instead of pmd login: PMD_TOKEN, or PMD_USERNAME and PMD_PASSWORD.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not authenticated, 4 not found.
`;
