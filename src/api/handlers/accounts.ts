import type { FastifyInstance } from 'fastify';
import * as contract from '../../contract/access/accounts.ts';
import { Problem } from '../../core/problem.ts';
import type { ApiToken, User } from '../../storage/storage.ts';
import { createApiToken } from '../access/api-tokens.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { userNotFound } from '../access/auth.ts';
import type { Auth } from '../access/port.ts';
import { callerOf, demandRole, demandSession, tokenOf } from '../access/caller.ts';
import type { AccountCache } from '../access/account-cache.ts';
import type { PasswordHashing } from '../access/password-hashing.ts';
import { serve } from '../requests/route.ts';
import { instantOf } from '../translate.ts';

const dayMillis = 86_400_000;
/** Per user; to have more, give programs users of their own. */
const apiTokensMax = 100;

interface Parts extends Pick<ApiDependencies, 'storage' | 'now'> {
  readonly auth: Auth;
  readonly accounts: AccountCache;
  readonly hashing: PasswordHashing;
}

export function serveAccounts(app: FastifyInstance, parts: Parts): void {
  serveUsers(app, parts);
  serveApiTokens(app, parts);
  const { storage } = parts;
  serve(app, contract.listAudit, async ({ query: { limit, before, username } }) => {
    const filter = {
      ...(before === undefined ? {} : { beforeId: before }),
      ...(username === undefined ? {} : { username }),
    };
    const entries = await storage.listAuditEntries(limit, filter);
    return entries.map(({ at, apiToken, detail, ...entry }) => ({
      ...{ ...entry, at: instantOf(at), api_token: apiToken ?? null, detail: detail ?? null },
    }));
  });
}

function serveUsers(app: FastifyInstance, { auth, accounts, hashing, now }: Parts): void {
  /** Throws a Problem `conflict` when no user would be left who may change users. */
  async function keepAnAdmin(username: string): Promise<void> {
    const others = (await accounts.listUsers()).filter((user) => user.role === 'admin' && user.username !== username);
    if (others.length > 0) return;
    throw new Problem('conflict', `${username} is the last admin. Make another user an admin first.`);
  }

  serve(app, contract.listUsers, async () => (await accounts.listUsers()).map(userEntry));

  // A stolen token must not survive its revocation by adding a user or setting a password, nor lock everybody else out by
  // removing them. Serialised, because two admins who remove each other at once would leave none; a session that ended while a
  // password was hashed changes nothing.
  serve(app, contract.addUser, async ({ body: { username, password, role }, request }) => {
    demandSession(callerOf(request));
    const passwordHash = await hashing.hash(password);
    return auth.withAccess(tokenOf(request), async () => {
      if ((await accounts.findUser(username)) !== undefined) {
        throw new Problem('conflict', `User ${JSON.stringify(username)} already exists.`);
      }
      const at = { tokensEndedAt: now(), createdAt: now() };
      const user = { username, passwordHash, isSeeded: false, role, ...at };
      await accounts.saveUser(user);
      return userEntry(user);
    });
  });

  serve(app, contract.changeUser, async ({ params: { username }, body, request }) => {
    demandSession(callerOf(request));
    const { role, password, end_api_tokens: endsApiTokens } = body;
    const chosen =
      password === undefined ? {} : { passwordHash: await hashing.hash(password), isSeeded: false, endsApiTokens };
    return auth.withAccess(tokenOf(request), async (users) => {
      if ((await accounts.findUser(username)) === undefined) throw userNotFound(username);
      if (role !== undefined && role !== 'admin') await keepAnAdmin(username);
      return userEntry(await users.changeUser(username, { ...(role === undefined ? {} : { role }), ...chosen }));
    });
  });

  serve(app, contract.deleteUser, ({ params: { username }, request }) => {
    demandSession(callerOf(request));
    return auth.withAccess(tokenOf(request), async (users) => {
      if ((await accounts.findUser(username)) === undefined) throw userNotFound(username);
      await keepAnAdmin(username);
      await users.deleteUser(username);
      return { message: `User ${username} deleted` };
    });
  });
}

function serveApiTokens(app: FastifyInstance, { auth, accounts, now }: Parts): void {
  serve(app, contract.listApiTokens, async ({ request }) => {
    const { username, role } = callerOf(request);
    const tokens = await accounts.listApiTokens();
    return tokens.filter((token) => role === 'admin' || token.username === username).map(tokenEntry);
  });

  serve(app, contract.addApiToken, async ({ body: { name, role, expires_in_days: days }, request }) => {
    const caller = callerOf(request);
    demandSession(caller);
    demandRole(caller, role);
    const { token, tokenHash } = createApiToken();
    const wanted = {
      ...{ username: caller.username, name, role, tokenHash, createdAt: now() },
      expiresAt: days === null ? undefined : now() + days * dayMillis,
    };
    // A session that ends meanwhile leaves no token behind: the change that ended it may be meant to revoke all of them.
    const added = await auth.withAccess(tokenOf(request), async () => {
      const own = (await accounts.listApiTokens()).filter(({ username }) => username === caller.username);
      if (own.length >= apiTokensMax) {
        throw new Problem('conflict', `You have ${own.length} API tokens, which is the most; revoke one first.`);
      }
      return accounts.addApiToken(wanted);
    });
    if (added === undefined) throw userNotFound(caller.username);
    return { ...tokenEntry(added), token };
  });

  serve(app, contract.deleteApiToken, async ({ params: { id }, request }) => {
    const { username, role } = callerOf(request);
    const token = (await accounts.listApiTokens()).find((each) => each.id === id);
    // For another user's token, even its existence is not revealed.
    if (token === undefined || (token.username !== username && role !== 'admin')) {
      throw new Problem('not-found', `API token ${id} not found.`);
    }
    // "revoked", because a value whose key contains "token" is masked.
    request.auditDetail = { revoked: token.name, of: token.username };
    await accounts.deleteApiToken(token);
    auth.endStreams(token.username);
    return { message: `Token ${token.name} revoked` };
  });
}

function userEntry({ username, role, createdAt, isSeeded }: Omit<User, 'id'>): contract.UserEntry {
  return { username, role, created_at: instantOf(createdAt), has_chosen_password: !isSeeded };
}

function tokenEntry({ id, name, username, role, createdAt, expiresAt, lastUsedAt }: ApiToken): contract.ApiTokenEntry {
  return {
    ...{ id, name, username, role, created_at: instantOf(createdAt) },
    expires_at: expiresAt === undefined ? null : instantOf(expiresAt),
    last_used_at: lastUsedAt === undefined ? null : instantOf(lastUsedAt),
  };
}
