import type { Command } from 'commander';
import { ask, readStandardInput } from '../ask.ts';
import { type CommonOptions, type Context, remoteCommand } from '../context.ts';
import { removeToken, writeToken } from '../credentials.ts';
import { requestToken, serverUrl } from '../session.ts';

interface LoginOptions extends CommonOptions {
  readonly username?: string;
  readonly passwordStdin?: true;
}

const instead = 'give --username and --password-stdin, or set PMD_PASSWORD';

export function addLoginCommands(program: Command, context: Context): void {
  const { output, environment, folder } = context;
  remoteCommand(program, 'login', 'get a token and keep it for later commands', 'pmd login --username admin')
    .option('--username <name>', 'user name (default: PMD_USERNAME, else asked)')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (options: LoginOptions) => {
      const url = serverUrl(environment, options.url);
      const username =
        options.username ??
        environment['PMD_USERNAME'] ??
        (await ask(context, 'User name: ', { isSecret: false, instead }));
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
  if (options.passwordStdin === true) return readStandardInput(context);
  return context.environment['PMD_PASSWORD'] ?? (await ask(context, 'Password: ', { isSecret: true, instead }));
}
