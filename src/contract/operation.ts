import type { z } from 'zod';
import type { Role } from '../core/role.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Who may call: anyone, or whoever shows a token (or the dashboard's cookie) of this role or one that may do more. */
export type Access = 'public' | Role;

/**
 * One call of the HTTP API as data: the server validates with it, the documentation is made from it, the typed client
 * calls by it.
 */
export interface Operation<
  Path extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly id: string;
  readonly method: Method;
  /** As Fastify writes it: `/targets/:id`. */
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: Path;
  readonly query?: Query;
  readonly body?: Body;
  /** Media type of a body that is not JSON; such a body has no schema that is checked as a whole. */
  readonly bodyType?: 'multipart/form-data' | 'text/csv';
  readonly answer?: Answer;
  /** Beside 200, the status with which the same answer is given. */
  readonly alsoAnsweredAs?: number;
  /** Media type of an answer that is not JSON. */
  readonly answerType?: string;
  /** The answer does not depend on who asks: those who ask at the same time get one and the same. */
  readonly isSameForAll?: true;
  /** A reading of so much, or of what is so secret, that it is in the audit log as a change is. */
  readonly isReadingAudited?: true;
  /** How many of these one user may have under way; 429 beyond. */
  readonly atOnce?: number;
  /** Status codes of the problems that this call may answer with beyond 401, 403, 422 and 500. */
  readonly problems?: readonly number[];
  readonly example: { readonly body?: unknown; readonly answer: unknown };
}

/** Keeps the exact schema types of an operation, so that handlers and the client are typed by it. */
export function operation<
  Path extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodUndefined,
>(definition: Operation<Path, Query, Body, Answer>): Operation<Path, Query, Body, Answer> {
  return definition;
}
