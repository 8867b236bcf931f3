import type { FastifyInstance } from 'fastify';
import { changePassword, login } from '../../contract/auth.ts';
import type { ApiDependencies } from '../api.ts';
import { type Auth, cookieName } from '../auth.ts';
import { guardLogin } from '../login-throttle.ts';
import { serve } from '../route.ts';

export function serveAuth(app: FastifyInstance, { auth, now }: Pick<ApiDependencies, 'now'> & { auth: Auth }): void {
  const throttle = guardLogin(now);
  serve(app, login, async ({ body, query, request, reply }) => {
    const attempt = throttle.begin(request.ip, body.username);
    const { token, expiresInSeconds } = await auth.login(body.username, body.password);
    attempt.succeeded();
    if (query.cookie === 'true') {
      void reply.setCookie(cookieName, token, {
        path: '/',
        httpOnly: true,
        sameSite: 'strict',
        secure: request.protocol === 'https',
        maxAge: expiresInSeconds,
      });
    }
    return { access_token: token, token_type: 'bearer', expires_in: expiresInSeconds };
  });

  serve(app, changePassword, async ({ body, request }) => {
    if (request.username === undefined) throw new Error('a call that needs a token has no user');
    const attempt = throttle.begin(request.ip, request.username);
    await auth.changePassword(request.username, body.current_password, body.new_password);
    attempt.succeeded();
    return { message: 'Password changed' };
  });
}
