import { hash, verify } from '@node-rs/argon2';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SignJWT, jwtVerify } from 'jose';
import { defaultPassword } from '../core/default-password.ts';
import type { EpochMillis } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { ApiDependencies } from './api.ts';
import { rememberUsers, type Users } from './known-users.ts';
import { answerSignIn, isDocumentationPage } from './sign-in-page.ts';

export const cookieName = 'pmd_session';
const issuer = 'pingmedaddy';
const audience = 'pingmedaddy-api';
const algorithm = 'HS256';

export interface Auth {
  /** A Problem `not-authenticated` for a wrong name as for a wrong password, in the same time. */
  login(username: string, password: string): Promise<{ readonly token: string; readonly expiresInSeconds: number }>;
  changePassword(username: string, current: string, next: string): Promise<void>;
  hasDefaultPassword(username: string): Promise<boolean>;
  /** Ends every token that the user has been given. */
  endAllTokens(username: string): Promise<void>;
  /** Called with the user name when all tokens of a user end. Returns what ends the subscription. */
  onTokensEnded(listener: (username: string) => void): () => void;
  /** A Problem `not-authenticated` for whatever is no token of ours, or no longer one. */
  verifyToken(token: string): Promise<TokenHolder>;
}

export interface TokenHolder {
  readonly username: string;
  readonly expiresAt: EpochMillis;
}

declare module 'fastify' {
  interface FastifyRequest {
    username: string | undefined;
    /** When the token ends by itself. */
    tokenExpiresAt: EpochMillis | undefined;
  }
}

/** A hash of a password that nobody has, so that unknown names take as long as wrong passwords. */
const nobody = hash('nobody has this password');

export function createAuth(
  dependencies: Pick<ApiDependencies, 'storage' | 'authSecret' | 'tokenMinutes' | 'now'>,
): Auth {
  const { tokenMinutes, now } = dependencies;
  const users = rememberUsers(dependencies.storage);
  const key = new TextEncoder().encode(dependencies.authSecret);

  const listeners = new Set<(username: string) => void>();
  // Hashing takes long on purpose: what is known of a hash stays true.
  let checked: { readonly passwordHash: string; readonly isDefault: boolean } | undefined;

  async function check(username: string, password: string): ReturnType<Users['findUser']> {
    const user = await users.findUser(username);
    const isRight = await verify(user?.passwordHash ?? (await nobody), password);
    return isRight ? user : undefined;
  }

  return {
    async login(username, password) {
      const user = await check(username, password);
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
    async changePassword(username, current, next) {
      const user = await check(username, current);
      if (user === undefined) {
        throw new Problem('invalid-input', 'The current password is wrong.', {
          faults: [{ field: 'current_password', message: 'is wrong.' }],
        });
      }
      const passwordHash = await hash(next);
      await users.saveUser({ ...user, passwordHash, isSeeded: false, tokensEndedAt: now() });
      for (const listener of listeners) listener(username);
    },
    async hasDefaultPassword(username) {
      const passwordHash = (await users.findUser(username))?.passwordHash;
      if (passwordHash === undefined) return false;
      if (checked?.passwordHash !== passwordHash) {
        checked = { passwordHash, isDefault: await verify(passwordHash, defaultPassword) };
      }
      return checked.isDefault;
    },
    async endAllTokens(username) {
      const user = await users.findUser(username);
      if (user === undefined) return;
      await users.saveUser({ ...user, tokensEndedAt: now() });
      for (const listener of listeners) listener(username);
    },
    onTokensEnded(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async verifyToken(token) {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer,
        audience,
        typ: 'at+jwt',
        currentDate: new Date(now()),
      }).catch((error: unknown) => {
        throw new Problem('not-authenticated', 'The token is invalid or has expired; log in again.', { cause: error });
      });
      const user = payload.sub === undefined ? undefined : await users.findUser(payload.sub);
      if (user === undefined || payload['pwd'] !== user.tokensEndedAt) {
        throw new Problem('not-authenticated', 'The token was ended by its user; log in again.');
      }
      return { username: user.username, expiresAt: (payload.exp ?? 0) * 1000 };
    },
  };
}

/** Every path needs a token unless its operation says that it is public. */
export function denyByDefault(app: FastifyInstance, auth: Auth): void {
  app.decorateRequest('username', undefined);
  app.decorateRequest('tokenExpiresAt', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const { config } = request.routeOptions;
    if (config.operation?.access === 'public' || config.isPublic === true) return;
    try {
      const { username, expiresAt } = await auth.verifyToken(tokenOf(request));
      request.username = username;
      request.tokenExpiresAt = expiresAt;
    } catch (error) {
      if (error instanceof Problem && error.code === 'not-authenticated' && isDocumentationPage(request)) {
        await answerSignIn(reply);
        return;
      }
      throw error;
    }
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    isPublic?: boolean;
  }
}

/** A Problem `not-authenticated` where there is none. */
export function tokenOf(request: FastifyRequest): string {
  const header = request.headers.authorization;
  const [scheme, token] = header?.split(' ') ?? [];
  if (scheme?.toLowerCase() === 'bearer' && token !== undefined && token !== '') return token;
  const cookie = request.cookies[cookieName];
  if (cookie !== undefined && isOwnPage(request)) return cookie;
  throw new Problem(
    'not-authenticated',
    'This call needs a token: POST /auth/login, then Authorization: Bearer <token>.',
  );
}

/**
 * A cookie travels by itself, so one that changes something counts only when our own page sent it. Browsers leave
 * Sec-Fetch-Site out where they do not trust the connection (plain HTTP on a network); Origin they always send.
 */
function isOwnPage({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
