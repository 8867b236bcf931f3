import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { createProgram } from '../src/cli/cli.ts';
import { createOutput } from '../src/cli/output/output.ts';
import { version } from '../src/version.ts';

/** The commands of `pmd`, to be described or parsed; nothing is executed. */
export function commandTree(): Command {
  const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
  const [stdout, stderr] = [nowhere(), nowhere()];
  return createProgram({
    ...{ argv: [], environment: {}, stdin: process.stdin, stdout, stderr, version, folder: '' },
    ...{ output: createOutput({ stdout, stderr }, false), signal: new AbortController().signal },
    ...{ serve: outOfReach, readSettings: outOfReach, inspectBackup: outOfReach, checkDatabase: outOfReach },
    ...{ restoreBackup: outOfReach, migrateStore: outOfReach, open: outOfReach },
  });
}

function outOfReach(): never {
  throw new Error('Commands are described here and not run.');
}

/** Every command below, including those with subcommands, each with its full name in words. */
export function* commandsBelow(command: Command, words = command.name()): Generator<readonly [string, Command]> {
  for (const each of command.createHelp().visibleCommands(command)) {
    if (each.name() === 'help') continue;
    const name = `${words} ${each.name()}`;
    yield [name, each];
    yield* commandsBelow(each, name);
  }
}
