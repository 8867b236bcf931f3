import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { login } from '../../contract/access/auth.ts';
import type { Operation } from '../../contract/operation.ts';
import { Problem } from '../../core/problem.ts';
import type { NewAuditEntry } from '../../storage/storage.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { networkOf } from '../limits/login-throttle.ts';
import { statusOfProblem } from '../problems.ts';

declare module 'fastify' {
  interface FastifyInstance {
    audit: Audit;
  }
  interface FastifyRequest {
    /** What the audit log records for a call that has no body. */
    auditDetail: Readonly<Record<string, unknown>> | undefined;
  }
}

/** Records an action where it happens: an entry does not wait for an answer that may have no recipient. */
export interface Audit {
  /** Performs an action and records it, whether it completes or fails halfway. */
  around(request: FastifyRequest, operation: Operation, work: () => unknown): unknown;
}

const detailMax = 4000;
const pathMax = 300;
const usernameMax = 200;
const secretNames = /password|token|secret/i;
/** Failed logins from all addresses that get an entry of their own in a minute; a single entry counts the rest. */
const refusedLoginsMax = 60;
const minuteMillis = 60_000;

/** Records every change, every login attempt, every bulk read, and every call that a known user was refused. */
export function auditChanges(app: FastifyInstance, dependencies: Pick<ApiDependencies, 'storage' | 'now'>): void {
  const { storage, now } = dependencies;
  const isFlood = notedWithinAMinute();
  const isRepeated = notedWithinAMinute();
  const refused = countRefused(now);

  function entryFor(request: FastifyRequest, operation: Operation, status: number): NewAuditEntry {
    return {
      at: now(),
      username: (request.caller?.username ?? attemptedName(request.body)).slice(0, usernameMax),
      apiToken: request.caller?.apiToken,
      address: request.ip,
      action: operation.id,
      path: pathOf(request),
      status,
      detail: detailOf(request.auditDetail ?? request.body),
    };
  }

  async function note(request: FastifyRequest, entries: readonly NewAuditEntry[]): Promise<void> {
    try {
      await storage.addAuditEntries(entries);
    } catch (error) {
      // Nothing is lost: what the database does not accept is in the server's log.
      for (const audit of entries) request.log.error({ err: error, audit }, 'an audit entry could not be stored');
    }
  }

  app.decorateRequest('auditDetail', undefined);
  app.decorate('audit', {
    around: (request, operation, work) => (isNoted(request, operation) ? noted(request, operation, work) : work()),
  } satisfies Audit);

  async function noted(request: FastifyRequest, operation: Operation, work: () => unknown): Promise<unknown> {
    // Data that was sent cannot be taken back, so the entry is written first.
    if (isReading(request)) await note(request, [entryFor(request, operation, 200)]);
    let status = 200;
    try {
      return await work();
    } catch (error) {
      status = error instanceof Problem ? statusOfProblem(error) : 500;
      throw error;
    } finally {
      // A refused call has changed nothing; a call that failed halfway may have changed something.
      const hasActed = status < 400 || status >= 500;
      if (hasActed && !isReading(request)) await note(request, [entryFor(request, operation, status)]);
    }
  }

  // Login attempts and refused calls change nothing, so their entries may follow the answer.
  app.addHook('onSend', async (request, reply) => {
    const { operation } = request.routeOptions.config;
    if (operation === undefined) return;
    const { statusCode } = reply;
    const isLogin = operation.id === login.id && statusCode !== 422;
    if (!isLogin && !(statusCode === 403 && request.caller !== undefined)) return;
    if (statusCode === 429 && isFlood(networkOf(request.ip))) return;
    const { caller } = request;
    if (statusCode === 403 && caller !== undefined && isRepeated(JSON.stringify([caller.username, operation.id])))
      return;
    const entry = entryFor(request, operation, statusCode);
    if (!isLogin || statusCode < 400) return note(request, [entry]);
    const { isOneTooMany, before } = refused();
    const summary = { ...entry, username: '', address: '', detail: JSON.stringify({ more_refused_logins: before }) };
    const entries = [...(before > 0 ? [summary] : []), ...(isOneTooMany ? [] : [entry])];
    if (entries.length > 0) await note(request, entries);
  });
}

/** `isOneTooMany`: in this minute. `before`: how many were too many in the minute before, reported once. */
function countRefused(now: () => number): () => { readonly isOneTooMany: boolean; readonly before: number } {
  let minute = 0;
  let count = 0;
  return () => {
    const current = Math.floor(now() / minuteMillis);
    const before = current === minute ? 0 : Math.max(0, count - refusedLoginsMax);
    if (current !== minute) [minute, count] = [current, 0];
    count++;
    return { isOneTooMany: count > refusedLoginsMax, before };
  };
}

/**
 * Whether the same was already recorded within the last minute. Repeated refusals of one address (too many attempts) or of one
 * user (the same call) get one entry, not one each.
 */
function notedWithinAMinute(): (what: string) => boolean {
  const noted = new LRUCache<string, true>({ max: 10_000, ttl: minuteMillis });
  return (what) => {
    const isKnown = noted.has(what);
    if (!isKnown) noted.set(what, true);
    return isKnown;
  };
}

const isReading = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

/** A dry run changes nothing, so there is nothing to record. */
function isNoted(request: FastifyRequest, operation: Operation): boolean {
  if (operation.id === login.id || request.caller === undefined) return false;
  if (isReading(request)) return operation.isReadingAudited === true;
  return ![request.body, request.query].some(
    (input) => typeof input === 'object' && input !== null && 'dry_run' in input && input.dry_run === true,
  );
}

/** Without the query string of a login: anybody can send anything in it. */
function pathOf({ url, caller }: FastifyRequest): string {
  const path = caller === undefined ? (url.split('?', 1)[0] ?? '') : url;
  return path.length <= pathMax ? path : `${path.slice(0, pathMax)}…`;
}

function attemptedName(body: unknown): string {
  const name = typeof body === 'object' && body !== null && 'username' in body ? body.username : undefined;
  return typeof name === 'string' ? name : '';
}

/** JSON with secrets removed, truncated when long; uploaded files are not kept. */
function detailOf(body: unknown): string | undefined {
  // Only bodies that were JSON; the others are streams.
  if (typeof body !== 'object' || body === null || Object.getPrototypeOf(body) !== Object.prototype) return undefined;
  const text = JSON.stringify(body, (name, value: unknown) =>
    secretNames.test(name) && typeof value !== 'boolean' ? '********' : value,
  );
  return text === undefined || text.length <= detailMax ? text : `${text.slice(0, detailMax)}…`;
}
