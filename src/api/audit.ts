import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { login } from '../contract/auth.ts';
import type { NewAuditEntry } from '../storage/storage.ts';
import type { ApiDependencies } from './api.ts';
import { networkOf } from './login-throttle.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the audit log tells of a call that has no body to tell it. */
    auditDetail: Readonly<Record<string, unknown>> | undefined;
  }
}

const detailMax = 4000;
const secretNames = /password|token|secret/i;

/** Notes every change, every attempt to log in, and every call that was refused to somebody who is known. */
export function auditChanges(app: FastifyInstance, dependencies: Pick<ApiDependencies, 'storage' | 'now'>): void {
  const { storage, now } = dependencies;
  const isFlood = notedWithinAMinute();
  const isRepeated = notedWithinAMinute();
  app.decorateRequest('auditDetail', undefined);
  app.addHook('onResponse', async (request, reply) => {
    const { operation } = request.routeOptions.config;
    if (operation === undefined || !isNoted(request, reply, operation.id)) return;
    if (reply.statusCode === 429 && isFlood(networkOf(request.ip))) return;
    const { caller } = request;
    if (reply.statusCode === 403 && caller !== undefined && isRepeated(JSON.stringify([caller.username, operation.id])))
      return;
    const entry: NewAuditEntry = {
      at: now(),
      username: request.caller?.username ?? attemptedName(request.body),
      apiToken: request.caller?.apiToken,
      address: request.ip,
      action: operation.id,
      path: request.url,
      status: reply.statusCode,
      detail: detailOf(request.auditDetail ?? request.body),
    };
    try {
      await storage.addAuditEntries([entry]);
    } catch (error) {
      // Nothing is lost from the log of the server: it has what the database would not take.
      request.log.error({ err: error, audit: entry }, 'an audit entry could not be stored');
    }
  });
}

/**
 * Whether the same was noted within the last minute already: of an address that is refused for too many attempts, and of
 * somebody to whom one call is refused, one entry says so, not each.
 */
function notedWithinAMinute(): (what: string) => boolean {
  const noted = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 });
  return (what) => {
    const isKnown = noted.has(what);
    if (!isKnown) noted.set(what, true);
    return isKnown;
  };
}

function isNoted({ method, caller }: FastifyRequest, { statusCode }: FastifyReply, operationId: string): boolean {
  if (operationId === login.id) return statusCode !== 422;
  if (caller === undefined) return false;
  return statusCode === 403 || (method !== 'GET' && method !== 'HEAD' && statusCode < 400);
}

function attemptedName(body: unknown): string {
  const name = typeof body === 'object' && body !== null && 'username' in body ? body.username : undefined;
  return typeof name === 'string' ? name : '';
}

/** JSON without secrets, cut where it is long; files that were sent are not kept. */
function detailOf(body: unknown): string | undefined {
  // Only what was JSON: the others are streams.
  if (typeof body !== 'object' || body === null || Object.getPrototypeOf(body) !== Object.prototype) return undefined;
  const text = JSON.stringify(body, (name, value: unknown) =>
    secretNames.test(name) && typeof value !== 'boolean' ? '********' : value,
  );
  return text === undefined || text.length <= detailMax ? text : `${text.slice(0, detailMax)}…`;
}
