import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { createProgram } from '../src/cli/cli.ts';
import { createOutput } from '../src/cli/output/output.ts';
import { version } from '../src/version.ts';

/** The commands of `pmd` as they are, to be described or parsed; what one of them would do is out of reach. */
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

/** Every command below, those with subcommands too, each with all the words that name it. */
export function* commandsBelow(command: Command, words = command.name()): Generator<readonly [string, Command]> {
  for (const each of command.createHelp().visibleCommands(command)) {
    if (each.name() === 'help') continue;
    const name = `${words} ${each.name()}`;
    yield [name, each];
    yield* commandsBelow(each, name);
  }
}
