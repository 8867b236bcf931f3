import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EpochMillis } from '../../core/ids.ts';
import { Problem } from '../../core/problem.ts';
import { mayAct, type Role } from '../../core/role.ts';
import type { Auth, Caller } from './port.ts';
import { answerSignIn, isDocumentationPage } from '../pages/sign-in-page.ts';

export const cookieName = 'pmd_session';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    isPublic?: boolean;
  }
}

/** For a call that needs a token. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Error('a call that needs a token has no caller');
  return request.caller;
}

/**
 * Every path needs a token unless its operation is public, and the role that the operation requires. Paths that are not
 * operations (documentation pages) need any valid token.
 */
export function denyByDefault(app: FastifyInstance, auth: Auth, now: () => EpochMillis): void {
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const { config } = request.routeOptions;
    const access = config.operation?.access ?? 'viewer';
    if (access === 'public' || config.isPublic === true) return;
    try {
      request.caller = await auth.verifyToken(tokenOf(request));
    } catch (error) {
      if (error instanceof Problem && error.code === 'not-authenticated' && isDocumentationPage(request)) {
        await answerSignIn(reply, app.basePath);
        return;
      }
      throw error;
    }
    demandRole(request.caller, access);
    if (config.operation?.atOnce !== undefined) breakOffWithoutAccess(request, reply, access);
  });
  // Reading the body took time; a slow sender may have lost the access that the head was accepted with.
  app.addHook('preValidation', async (request) => {
    if (request.caller === undefined || request.body === undefined) return;
    request.caller = await auth.verifyToken(tokenOf(request));
    const { access = 'viewer' } = request.routeOptions.config.operation ?? {};
    if (access !== 'public') demandRole(request.caller, access);
  });

  /** Long work ends with the access that it began with. Event streams check this themselves. */
  function breakOffWithoutAccess(request: FastifyRequest, { raw }: FastifyReply, needed: Role): void {
    if (request.routeOptions.config.operation?.answerType === 'text/event-stream') return;
    const { username, expiresAt } = callerOf(request);
    const lifetime = expiresAt === undefined ? undefined : afterLifetime(expiresAt - now(), () => raw.destroy());
    raw.once('close', () => lifetime?.[Symbol.dispose]());
    const forget = auth.onAccessEnded((ended) => {
      if (ended !== username) return;
      auth
        .verifyToken(tokenOf(request))
        .then((caller) => demandRole(caller, needed))
        .catch(() => raw.destroy());
    });
    raw.once('close', forget);
  }
}

/** Timers are limited to about 25 days; later expiry times are checked again then. */
const timerMaxMillis = 2_000_000_000;

function afterLifetime(millis: number, end: () => void): Disposable {
  let timer = setTimeout(
    function check(left: number) {
      if (left <= 0) end();
      else timer = setTimeout(check, Math.min(left, timerMaxMillis), left - timerMaxMillis).unref();
    },
    Math.min(Math.max(0, millis), timerMaxMillis),
    millis - timerMaxMillis,
  ).unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Whether a call that needs no token brought a valid one. */
export async function isKnownCaller(request: FastifyRequest, auth: Pick<Auth, 'verifyToken'>): Promise<boolean> {
  try {
    await auth.verifyToken(tokenOf(request));
    return true;
  } catch {
    // Also while the database that holds the tokens is unavailable: a caller who cannot be identified is anonymous.
    return false;
  }
}

/** Throws a Problem `role-too-low` when the caller's role does not suffice. */
export function demandRole({ role, apiToken }: Caller, needed: Role): void {
  if (mayAct(role, needed)) return;
  const what = apiToken === undefined ? `Your role is ${role}` : `The role of this API token is ${role}`;
  throw new Problem('role-too-low', `${what}; this call needs ${needed}.`);
}

/** Throws a Problem `not-allowed` for programs: an API token must not be able to obtain more rights than it has. */
export function demandSession({ apiToken }: Caller): void {
  if (apiToken !== undefined) throw new Problem('not-allowed', 'This call needs a login, not an API token.');
}

/** Throws a Problem `not-authenticated` without one. */
export function tokenOf(request: FastifyRequest): string {
  const header = request.headers.authorization;
  const [scheme, token] = header?.split(' ') ?? [];
  if (scheme?.toLowerCase() === 'bearer' && token !== undefined && token !== '') return token;
  const cookie = request.cookies[cookieName];
  if (cookie !== undefined) {
    if (isOwnPage(request)) return cookie;
    throw new Problem(
      'not-authenticated',
      "Cross-origin request rejected: the session cookie is only accepted from this server's own pages. Use a bearer token.",
    );
  }
  throw new Problem(
    'not-authenticated',
    `This call needs a token: POST ${request.server.basePath}/auth/login, then Authorization: Bearer <token>.`,
  );
}

/**
 * Browsers send cookies automatically, so a cookie authorises changes only for requests from our own page. Browsers omit
 * Sec-Fetch-Site on connections that they do not trust (plain HTTP on a network) but always send Origin.
 */
function isOwnPage({ method, headers, host }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  // Behind a trusted proxy, the host is the one that the browser requested.
  const { origin } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
