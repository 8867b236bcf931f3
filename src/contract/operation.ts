import type { z } from 'zod';
import type { Role } from '../core/role.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Who may call: anyone, or holders of a token (or of the dashboard's cookie) with at least this role. */
export type Access = 'public' | Role;

/**
 * One call of the HTTP API as data: the server validates with it, the documentation is generated from it, and the typed client
 * uses it.
 */
export interface Operation<
  Path extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly id: string;
  readonly method: Method;
  /** In Fastify's notation: `/targets/:id`. */
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: Path;
  readonly query?: Query;
  readonly body?: Body;
  /** Media type of a body that is not JSON; no schema checks such a body as a whole. */
  readonly bodyType?: 'multipart/form-data' | 'text/csv';
  readonly answer?: Answer;
  /** Besides 200, another status with the same answer. */
  readonly alsoAnsweredAs?: number;
  /** Media type of an answer that is not JSON. */
  readonly answerType?: string;
  /** The answer does not depend on the caller: concurrent callers share one. */
  readonly isSameForAll?: true;
  /** A read so large or so sensitive that it is recorded in the audit log like a change. */
  readonly isReadingAudited?: true;
  /** How many of these a user may have in progress; 429 beyond that. */
  readonly atOnce?: number;
  /** Status codes of the problems that this call may answer with, in addition to 401, 403, 422 and 500. */
  readonly problems?: readonly number[];
  readonly example: { readonly body?: unknown; readonly answer: unknown };
}

/** Keeps the exact schema types of an operation, which type the handlers and the client. */
export function operation<
  Path extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodUndefined,
>(definition: Operation<Path, Query, Body, Answer>): Operation<Path, Query, Body, Answer> {
  return definition;
}
