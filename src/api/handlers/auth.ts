import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Session, changePassword, login, logout, showSession } from '../../contract/access/auth.ts';
import { defaultPassword } from '../../core/default-password.ts';
import { Problem } from '../../core/problem.ts';
import type { ApiDependencies } from '../dependencies.ts';
import type { Auth } from '../access/port.ts';
import { callerOf, cookieName, demandSession, tokenOf } from '../access/caller.ts';
import { isDirectFromHere } from '../limits/hosts.ts';
import { type Attempt, guardLogin } from '../limits/login-throttle.ts';
import { serve } from '../requests/route.ts';
import { instantOf } from '../translate.ts';

type Dependencies = Pick<ApiDependencies, 'now' | 'corsOrigins'> & { readonly auth: Auth };

export function serveAuth(app: FastifyInstance, { auth, now, corsOrigins }: Dependencies): void {
  const throttle = guardLogin(now);
  serve(app, login, async ({ body, query, request, reply, signal }) => {
    const attempt = throttle.begin(request.ip, body.username);
    const checked = auth.login(body.username, body.password, attempt.isKnown ? 'known' : 'unknown');
    const { token, expiresInSeconds } = await slowed(checked, attempt, signal);
    // Everybody knows this password, and a reverse proxy exposes a server that listens only on loopback.
    if (body.password === defaultPassword && !isDirectFromHere(request, corsOrigins)) {
      const remedy = 'sign in there and choose another, or set ADMIN_PASSWORD and start the server again';
      throw new Problem(
        'not-allowed',
        `The default password works on the server's own machine only, without a proxy: ${remedy}.`,
      );
    }
    attempt.succeeded();
    if (query.cookie === 'true') setCookie(request, reply, token, expiresInSeconds);
    return { access_token: token, token_type: 'bearer', expires_in: expiresInSeconds };
  });

  serve(app, changePassword, async ({ body, request, signal }) => {
    const caller = callerOf(request);
    demandSession(caller);
    const { username } = caller;
    const attempt = throttle.begin(request.ip, username);
    const { current_password: current, new_password: next, end_api_tokens: endsApiTokens } = body;
    const tokenCount = await slowed(auth.changePassword(username, { current, next, endsApiTokens }), attempt, signal);
    attempt.succeeded();
    if (!endsApiTokens) return { message: 'Password changed' };
    return { message: `Password changed, ${tokenCount} API ${tokenCount === 1 ? 'token' : 'tokens'} revoked` };
  });

  serve(app, showSession, async ({ request }) => {
    try {
      const { username, role, expiresAt } = await auth.verifyToken(tokenOf(request));
      const hasDefaultPassword = await auth.hasDefaultPassword(username);
      const expires = expiresAt === undefined ? null : instantOf(expiresAt);
      const user = { username, role, expires_at: expires, has_default_password: hasDefaultPassword };
      return { user } satisfies Session;
    } catch (error) {
      if (error instanceof Problem && error.code === 'not-authenticated') return { user: null } satisfies Session;
      throw error;
    }
  });

  serve(app, logout, async ({ query, request, reply }) => {
    if (query.everywhere === 'true') {
      const caller = callerOf(request);
      demandSession(caller);
      await auth.withAccess(tokenOf(request), (users) => users.changeUser(caller.username, {}));
    }
    void reply.clearCookie(cookieName, { path: cookiePath(request) });
    return { message: query.everywhere === 'true' ? 'Signed out everywhere' : 'Signed out' };
  });
}

/** Failures are answered late to slow down guessing, unless the caller has already gone. */
async function slowed<T>(work: Promise<T>, { delayMillis }: Attempt, signal: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await sleep(delayMillis, undefined, { signal }).catch(() => {});
    throw error;
  }
}

function setCookie(request: FastifyRequest, reply: FastifyReply, token: string, maxAge: number): void {
  const secure = request.protocol === 'https';
  void reply.setCookie(cookieName, token, {
    path: cookiePath(request),
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge,
  });
}

/** Two servers under two paths of one host each have their own session. */
const cookiePath = ({ server }: FastifyRequest): string => (server.basePath === '' ? '/' : server.basePath);
