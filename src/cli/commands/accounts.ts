import type { Command } from 'commander';
import * as contract from '../../contract/access/accounts.ts';
import { roles } from '../../core/role.ts';
import { askNewPassword, confirmLoss, readStandardInput } from '../ask.ts';
import { type CommonOptions, type Context, idArgument, numberArgument, remoteCommand } from '../context.ts';
import { UsageError } from '../failure.ts';

interface RoleOption extends CommonOptions {
  readonly role?: string;
}
interface PasswordOption extends RoleOption {
  readonly passwordStdin?: true;
  readonly password?: true;
}
interface UpdateOptions extends PasswordOption {
  readonly endApiTokens?: true;
}
interface TokenOptions extends RoleOption {
  readonly days?: number;
  readonly noExpiry?: true;
}
interface AuditOptions extends CommonOptions {
  readonly limit: number;
  readonly user?: string;
  readonly before?: number;
}

const roleText = `${roles.join(', ')} (default: viewer)`;
const instead = 'give the password with --password-stdin';

/** Users, API tokens and the audit log. */
export function addAccountCommands(program: Command, context: Context): void {
  addUserCommands(program.command('user').description('manage users (admin only)'), context);
  addTokenCommands(program.command('token').description('API tokens for scripts and Prometheus'), context);
  const { output, open } = context;
  remoteCommand(program, 'audit', 'who changed what, when and from where, newest first', 'pmd audit --user anna')
    .option('--limit <n>', 'how many, 1 to 1000', numberArgument('--limit'), 100)
    .option('--user <name>', 'only entries of this user')
    .option('--before <id>', 'only entries before this one', (id) => idArgument(id, 'pmd audit'))
    .action(async ({ limit, user, before, json, server }: AuditOptions) => {
      const query = { limit, username: user, before };
      const entries = await (await open(server)).call(contract.listAudit, { query });
      if (json === true) return output.json(entries);
      const rows = entries.map((entry) => [
        ...[
          String(entry.id),
          entry.at,
          entry.username,
          entry.api_token ?? '',
          entry.address,
          entry.action,
          String(entry.status),
          entry.path,
        ],
        entry.detail ?? '',
      ]);
      output.table(['id', 'time', 'user', 'API token', 'from', 'action', 'status', 'path', 'detail'], rows, ['id']);
      const last = entries.at(-1);
      if (last === undefined) output.note('There is no such entry.');
      else if (entries.length === limit) output.note(`Earlier ones: add --before ${last.id}.`);
    });
}

function addUserCommands(parent: Command, context: Context): void {
  const { output, open } = context;
  const print = (options: CommonOptions, users: readonly contract.UserEntry[]): void => {
    if (options.json === true) output.json(users);
    else
      output.table(
        ['user', 'role', 'since'],
        users.map((user) => [user.username, user.role, user.created_at]),
      );
  };

  remoteCommand(parent, 'list', 'all users', 'pmd user list').action(async (options: CommonOptions) => {
    print(options, await (await open(options.server)).call(contract.listUsers));
  });

  remoteCommand(parent, 'add <name>', 'add a user; asks for the password', 'pmd user add anna --role operator')
    .option('--role <role>', roleText)
    .option('--password-stdin', 'read the password from standard input')
    .action(async (username: string, options: PasswordOption) => {
      const role = roleArgument(options.role) ?? 'viewer';
      const password = await newPassword(context, options);
      const user = await (await open(options.server)).call(contract.addUser, { body: { username, password, role } });
      print(options, [user]);
    });

  remoteCommand(
    parent,
    'update <name>',
    'change role or password; ends the sessions',
    'pmd user update anna --role admin',
  )
    .option('--role <role>', roles.join(', '))
    .option('--password', 'ask for a new password')
    .option('--password-stdin', 'read a new password from standard input')
    .option('--end-api-tokens', 'with a new password: also revoke all API tokens of this user')
    .action(async (username: string, options: UpdateOptions) => {
      const role = roleArgument(options.role);
      const wantsPassword = options.password === true || options.passwordStdin === true;
      const endsApiTokens = options.endApiTokens === true;
      if (endsApiTokens && !wantsPassword)
        throw new UsageError('--end-api-tokens counts only together with --password or --password-stdin.');
      if (role === undefined && !wantsPassword) throw new UsageError('Say what to change: --role or --password.');
      const body = {
        ...(role === undefined ? {} : { role }),
        ...(wantsPassword ? { password: await newPassword(context, options) } : {}),
        ...(endsApiTokens ? { end_api_tokens: true } : {}),
      };
      print(options, [await (await open(options.server)).call(contract.changeUser, { params: { username }, body })]);
    });

  remoteCommand(parent, 'delete <name>', 'remove a user with sessions and API tokens', 'pmd user delete anna')
    .option('--yes', 'do not ask before removing')
    .action(async (username: string, options: CommonOptions & { readonly yes?: true }) => {
      const question = `Remove ${username} with every session and API token, for good?`;
      if (options.yes !== true) {
        await confirmLoss(context, { question, what: 'Removing a user', nothing: 'Nobody was removed.' });
      }
      const answer = await (await open(options.server)).call(contract.deleteUser, { params: { username } });
      if (options.json === true) output.json(answer);
      else output.line(`${answer.message}.`);
    });
}

function addTokenCommands(parent: Command, { output, open }: Context): void {
  remoteCommand(parent, 'list', 'list API tokens (admins see all)', 'pmd token list').action(
    async (options: CommonOptions) => {
      const tokens = await (await open(options.server)).call(contract.listApiTokens);
      if (options.json === true) return output.json(tokens);
      const rows = tokens.map((token) => [
        ...[String(token.id), token.name, token.username, token.role],
        ...[token.expires_at ?? 'never', token.last_used_at ?? 'never'],
      ]);
      output.table(['id', 'name', 'user', 'role', 'expires', 'last used'], rows);
    },
  );

  remoteCommand(parent, 'create <name>', 'create an API token (displayed once)', 'pmd token create Prometheus')
    .option('--role <role>', roleText)
    .option('--days <n>', 'validity in days, 1 to 3650 (default: 90)', numberArgument('--days'))
    .option('--no-expiry', 'no expiry date')
    .action(async (name: string, options: TokenOptions & { readonly expiry: boolean }) => {
      const days = options.expiry ? (options.days ?? 90) : null;
      const body = { name, role: roleArgument(options.role) ?? 'viewer', expires_in_days: days };
      const created = await (await open(options.server)).call(contract.addApiToken, { body });
      if (options.json === true) return output.json(created);
      output.note(
        `Token ${created.id}, role ${created.role}, expires ${created.expires_at ?? 'never'}; shown only now:`,
      );
      output.line(created.token);
    });

  remoteCommand(parent, 'revoke <id>', 'revoke an API token', 'pmd token revoke 3').action(
    async (text: string, options: CommonOptions) => {
      const params = { id: idArgument(text, 'pmd token list') };
      const answer = await (await open(options.server)).call(contract.deleteApiToken, { params });
      if (options.json === true) output.json(answer);
      else output.line(`${answer.message}.`);
    },
  );
}

function roleArgument(text: string | undefined): (typeof roles)[number] | undefined {
  const role = roles.find((each) => each === text);
  if (text !== undefined && role === undefined)
    throw new UsageError(`A role is one of ${roles.join(', ')}, not ${text}.`);
  return role;
}

async function newPassword(context: Context, { passwordStdin }: PasswordOption): Promise<string> {
  if (passwordStdin === true) return readStandardInput(context);
  return askNewPassword(context, instead);
}
