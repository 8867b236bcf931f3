import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { type CommonOptions, type Context, remoteCommand } from '../context.ts';
import { removeToken, writeToken } from '../credentials.ts';
import { UsageError } from '../failure.ts';
import { requestToken, serverUrl } from '../session.ts';

interface LoginOptions extends CommonOptions {
  readonly username?: string;
  readonly passwordStdin?: true;
}

export function addLoginCommands(program: Command, context: Context): void {
  const { output, environment, folder } = context;
  remoteCommand(program, 'login', 'get a token and keep it for later commands', 'pmd login --username admin')
    .option('--username <name>', 'user name (default: PMD_USERNAME, else asked)')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (options: LoginOptions) => {
      const url = serverUrl(environment, options.url);
      const username = options.username ?? environment['PMD_USERNAME'] ?? (await ask(context, 'User name: ', false));
      const password = await findPassword(context, options);
      const token = await requestToken(url, username, password);
      const path = await writeToken(folder, 'login', { url, username, token });
      if (options.json === true) output.json({ url, username, file: path });
      else output.line(`Logged in to ${url} as ${username}; the token is in ${path}.`);
    });

  remoteCommand(program, 'logout', 'forget the kept token', 'pmd logout').action(async (options: CommonOptions) => {
    await removeToken(folder);
    if (options.json === true) output.json({ message: 'Logged out' });
    else output.line('Logged out.');
  });
}

async function findPassword(context: Context, options: LoginOptions): Promise<string> {
  const { environment, stdin } = context;
  if (options.passwordStdin === true) {
    let text = '';
    for await (const chunk of stdin) text += String(chunk);
    return text.replace(/\r?\n$/, '');
  }
  return environment['PMD_PASSWORD'] ?? (await ask(context, 'Password: ', true));
}

/** Asks on stderr, so that stdout holds results only; what is typed for a secret is not shown. */
async function ask({ stdin, stderr, signal }: Context, question: string, isSecret: boolean): Promise<string> {
  if (stdin.isTTY !== true) {
    throw new UsageError('There is no terminal to ask on: give --username and --password-stdin, or set PMD_PASSWORD.');
  }
  stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: stdin, output: isSecret ? silent : stderr, terminal: true });
  try {
    return await prompt.question('', { signal });
  } finally {
    prompt.close();
    if (isSecret) stderr.write('\n');
  }
}
