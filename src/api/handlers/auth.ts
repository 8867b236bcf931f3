import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Session, changePassword, login, logout, showSession } from '../../contract/auth.ts';
import { Problem } from '../../core/problem.ts';
import type { ApiDependencies } from '../api.ts';
import { type Auth, cookieName, tokenOf } from '../auth.ts';
import { guardLogin } from '../login-throttle.ts';
import { serve } from '../route.ts';
import { instantOf } from '../translate.ts';

export function serveAuth(app: FastifyInstance, { auth, now }: Pick<ApiDependencies, 'now'> & { auth: Auth }): void {
  const throttle = guardLogin(now);
  serve(app, login, async ({ body, query, request, reply }) => {
    const attempt = throttle.begin(request.ip, body.username);
    const { token, expiresInSeconds } = await auth.login(body.username, body.password);
    attempt.succeeded();
    if (query.cookie === 'true') setCookie(request, reply, token, expiresInSeconds);
    return { access_token: token, token_type: 'bearer', expires_in: expiresInSeconds };
  });

  serve(app, changePassword, async ({ body, request }) => {
    const username = usernameOf(request);
    const attempt = throttle.begin(request.ip, username);
    await auth.changePassword(username, body.current_password, body.new_password);
    attempt.succeeded();
    return { message: 'Password changed' };
  });

  serve(app, showSession, async ({ request }) => {
    try {
      const { username, expiresAt } = await auth.verifyToken(tokenOf(request));
      const hasDefaultPassword = await auth.hasDefaultPassword(username);
      const user = { username, expires_at: instantOf(expiresAt), has_default_password: hasDefaultPassword };
      return { user } satisfies Session;
    } catch (error) {
      if (error instanceof Problem && error.code === 'not-authenticated') return { user: null } satisfies Session;
      throw error;
    }
  });

  serve(app, logout, async ({ query, request, reply }) => {
    if (query.everywhere === 'true') await auth.endAllTokens(usernameOf(request));
    void reply.clearCookie(cookieName, { path: '/' });
    return { message: query.everywhere === 'true' ? 'Signed out everywhere' : 'Signed out' };
  });
}

function usernameOf(request: FastifyRequest): string {
  if (request.username === undefined) throw new Error('a call that needs a token has no user');
  return request.username;
}

function setCookie(request: FastifyRequest, reply: FastifyReply, token: string, maxAge: number): void {
  const secure = request.protocol === 'https';
  void reply.setCookie(cookieName, token, { path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge });
}
