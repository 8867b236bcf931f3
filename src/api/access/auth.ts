import { SignJWT, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { defaultPassword } from '../../core/default-password.ts';
import { Problem } from '../../core/problem.ts';
import { createSerialQueue } from '../../core/serial-queue.ts';
import type { User } from '../../storage/storage.ts';
import { isApiToken, verifyApiToken } from './api-tokens.ts';
import type { ApiDependencies } from '../dependencies.ts';
import type { Auth, Caller, UserChange, UserChanges } from './port.ts';
import type { AccountCache } from './account-cache.ts';
import type { Line, PasswordHashing } from './password-hashing.ts';

const issuer = 'pingmedaddy';
const audience = 'pingmedaddy-api';
const algorithm = 'HS256';

export interface AuthParts extends Pick<ApiDependencies, 'authSecret' | 'tokenMinutes' | 'now'> {
  readonly accounts: AccountCache;
  readonly hashing: PasswordHashing;
}

export function createAuth({ accounts, hashing, authSecret, tokenMinutes, now }: AuthParts): Auth {
  const key = new TextEncoder().encode(authSecret);
  /** The hash of a password that nobody has, so that unknown names take as long as wrong passwords. */
  const nobody = hashing.hash('nobody has this password');
  const listeners = new Set<(username: string) => void>();
  /** One change at a time: a change that began earlier must not restore what a later one removed. */
  const inTurn = createSerialQueue();
  // Hashing is slow by design: a verified hash is remembered, and concurrent callers share one verification.
  const isDefault = new LRUCache<string, Promise<boolean>>({ max: 10_000 });

  async function check(username: string, password: string, line: Line): Promise<User | undefined> {
    const user = await accounts.findUser(username);
    const isRight = await hashing.verify(user?.passwordHash ?? (await nobody), password, line);
    return isRight ? user : undefined;
  }

  function endStreams(username: string): void {
    for (const listener of listeners) listener(username);
  }

  /** Serialised. `known`: the account as it was when the request was verified; any later change wins. */
  async function change(
    username: string,
    { endsApiTokens = false, ...wanted }: UserChange,
    known?: User,
  ): Promise<{ readonly changed: User; readonly tokenCount: number }> {
    const user = await accounts.findUser(username);
    if (user === undefined) throw userNotFound(username);
    if (known !== undefined && known.tokensEndedAt !== user.tokensEndedAt) throw sessionEnded();
    // Strictly later, even within a millisecond, because sessions are bound to this time.
    const changed = { ...user, ...wanted, tokensEndedAt: Math.max(now(), user.tokensEndedAt + 1) };
    try {
      // Revoke first: a caller who is stopped here still knows the password and can try again. In the other order, a change that
      // looks complete could leave a thief's tokens valid. No token is issued in between (`withAccess`).
      const tokenCount = endsApiTokens ? await accounts.deleteApiTokensOf(username) : 0;
      await accounts.saveUser(changed);
      return { changed, tokenCount };
    } finally {
      endStreams(username);
    }
  }

  const userChanges: UserChanges = {
    changeUser: async (username, wanted) => (await change(username, wanted)).changed,
    async deleteUser(username) {
      await accounts.deleteUser(username);
      endStreams(username);
    },
  };

  async function verifySession(token: string): Promise<Caller> {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer,
      audience,
      typ: 'at+jwt',
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'iat', 'sub'],
    }).catch((error: unknown) => {
      throw new Problem('not-authenticated', 'The token is invalid or has expired; log in again.', { cause: error });
    });
    const user = payload.sub === undefined ? undefined : await accounts.findUser(payload.sub);
    if (user === undefined || payload['pwd'] !== user.tokensEndedAt) {
      throw sessionEnded();
    }
    const { username, role } = user;
    return { username, role, expiresAt: (payload.exp ?? 0) * 1000, apiToken: undefined };
  }

  const verifyToken = (token: string): Promise<Caller> =>
    isApiToken(token) ? verifyApiToken(accounts, token, now()) : verifySession(token);

  return {
    async login(username, password, line) {
      const user = await check(username, password, line);
      if (user === undefined) throw new Problem('not-authenticated', 'The user name or the password is wrong.');
      const issuedAt = Math.floor(now() / 1000);
      const expiresInSeconds = tokenMinutes * 60;
      const token = await new SignJWT({ pwd: user.tokensEndedAt })
        .setProtectedHeader({ alg: algorithm, typ: 'at+jwt' })
        .setSubject(user.username)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + expiresInSeconds)
        .sign(key);
      return { token, expiresInSeconds };
    },
    async changePassword(username, { current, next, endsApiTokens }) {
      const known = await check(username, current, 'known');
      if (known === undefined) {
        throw new Problem('invalid-input', 'The current password is wrong.', {
          faults: [{ field: 'current_password', message: 'is wrong.' }],
        });
      }
      const wanted = { passwordHash: await hashing.hash(next), isSeeded: false, endsApiTokens };
      return (await inTurn(() => change(username, wanted, known))).tokenCount;
    },
    async hasDefaultPassword(username) {
      const passwordHash = (await accounts.findUser(username))?.passwordHash;
      if (passwordHash === undefined) return false;
      const known = isDefault.get(passwordHash);
      if (known !== undefined) return known;
      const asking = hashing.verify(passwordHash, defaultPassword, 'known');
      isDefault.set(passwordHash, asking);
      asking.catch(() => isDefault.delete(passwordHash));
      return asking;
    },
    withAccess: (token, work) =>
      inTurn(async () => {
        await verifyToken(token);
        return work(userChanges);
      }),
    endStreams,
    onAccessEnded(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    verifyToken,
  };
}

function sessionEnded(): Problem {
  return new Problem(
    'not-authenticated',
    'The session has ended because the password or role changed, or the user signed out. Log in again.',
  );
}

export function userNotFound(username: string): Problem {
  return new Problem('not-found', `User ${JSON.stringify(username)} not found.`);
}
