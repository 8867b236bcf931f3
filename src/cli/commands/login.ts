import type { Command } from 'commander';
import { changePassword } from '../../contract/access/auth.ts';
import { ask, askNewPassword, readStandardInput } from '../ask.ts';
import { type CommonOptions, type Context, remoteCommand } from '../context.ts';
import { removeToken, writeToken } from '../credentials.ts';
import { UsageError } from '../failure.ts';
import { requestToken, serverUrl } from '../session.ts';

interface OwnPasswordOptions extends CommonOptions {
  readonly passwordStdin?: true;
  readonly endApiTokens?: true;
}

interface LoginOptions extends CommonOptions {
  readonly username?: string;
  readonly passwordStdin?: true;
}

const bothInstead = 'give both passwords with --password-stdin';
const instead = 'give --username and --password-stdin, or set PMD_PASSWORD';

export function addLoginCommands(program: Command, context: Context): void {
  const { output, environment, folder } = context;
  remoteCommand(program, 'login', 'log in and store the token', 'pmd login --username admin')
    .option('--username <name>', 'user name (default: PMD_USERNAME, else asked)')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (options: LoginOptions) => {
      const url = serverUrl(environment, options.server);
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

  const words = 'change your password; ends your sessions (and API tokens with --end-api-tokens)';
  remoteCommand(program, 'password', words, 'pmd password')
    .option('--password-stdin', 'read the current and the new password from standard input, a line each')
    .option('--end-api-tokens', 'also revoke all of your API tokens, in case the password has leaked')
    .action(async (options: OwnPasswordOptions) => {
      const client = await context.open(options.server);
      const [current, next] = await findPasswords(context, options);
      const tokens = options.endApiTokens === true ? { end_api_tokens: true } : {};
      const body = { current_password: current, new_password: next, ...tokens };
      const answer = await client.call(changePassword, { body });
      if (options.json === true) output.json(answer);
      else output.line(`${answer.message}; log in again with pmd login.`);
    });

  remoteCommand(program, 'logout', 'delete the stored token', 'pmd logout').action(async (options: CommonOptions) => {
    await removeToken(folder);
    if (options.json === true) output.json({ message: 'Logged out' });
    else output.line('Logged out.');
  });
}

async function findPasswords(context: Context, options: OwnPasswordOptions): Promise<readonly [string, string]> {
  if (options.passwordStdin === true) {
    const [current, next, ...more] = (await readStandardInput(context)).split(/\r?\n/);
    if (current !== undefined && next !== undefined && more.length === 0) return [current, next];
    throw new UsageError('Standard input must have two lines: the current password and the new one.');
  }
  const current = await ask(context, 'Current password: ', { isSecret: true, instead: bothInstead });
  return [current, await askNewPassword(context, bothInstead)];
}

async function findPassword(context: Context, options: LoginOptions): Promise<string> {
  if (options.passwordStdin === true) return readStandardInput(context);
  return context.environment['PMD_PASSWORD'] ?? (await ask(context, 'Password: ', { isSecret: true, instead }));
}
