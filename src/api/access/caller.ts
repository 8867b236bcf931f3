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

/** Of a call that needs a token. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Error('a call that needs a token has no caller');
  return request.caller;
}

/**
 * Every path needs a token unless its operation says that it is public, and the role that the operation names. What is no
 * operation (pages of the documentation) is for whoever may come in.
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
  // The body has taken its time: whoever sent it slowly may have lost meanwhile what the head was let in by.
  app.addHook('preValidation', async (request) => {
    if (request.caller === undefined || request.body === undefined) return;
    request.caller = await auth.verifyToken(tokenOf(request));
    const { access = 'viewer' } = request.routeOptions.config.operation ?? {};
    if (access !== 'public') demandRole(request.caller, access);
  });

  /** What takes long goes no further than the access that it was begun by. Event streams see to it themselves. */
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

/** A timer knows no more than 25 days; what ends later than that is looked at again then. */
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

/** Whether a call that needs no token has come with one that counts. */
export async function isKnownCaller(request: FastifyRequest, auth: Pick<Auth, 'verifyToken'>): Promise<boolean> {
  try {
    await auth.verifyToken(tokenOf(request));
    return true;
  } catch {
    // Also where the database that knows the tokens is away: who cannot be told apart is nobody.
    return false;
  }
}

/** A Problem `role-too-low` for who may not do it. */
export function demandRole({ role, apiToken }: Caller, needed: Role): void {
  if (mayAct(role, needed)) return;
  const what = apiToken === undefined ? `Your role is ${role}` : `The role of this API token is ${role}`;
  throw new Problem('role-too-low', `${what}; this call needs ${needed}.`);
}

/** A Problem `not-allowed` for a program: what it holds must not be able to get it more than that. */
export function demandSession({ apiToken }: Caller): void {
  if (apiToken !== undefined) throw new Problem('not-allowed', 'This call needs a login, not an API token.');
}

/** A Problem `not-authenticated` where there is none. */
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
 * A cookie travels by itself, so one that changes something counts only when our own page sent it. Browsers leave
 * Sec-Fetch-Site out where they do not trust the connection (plain HTTP on a network); Origin they always send.
 */
function isOwnPage({ method, headers, host }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  // Behind a proxy that is trusted, the host is the one that the browser asked.
  const { origin } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
