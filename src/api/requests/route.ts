import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { z } from 'zod';
import type { Operation } from '../../contract/operation.ts';
import { problem } from '../../contract/shapes.ts';
import { Problem } from '../../core/problem.ts';
import { callerOf } from '../access/caller.ts';

/** What a handler gets: input that has been validated and converted to the operation's types. */
export interface Call<Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly params: z.output<Path>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborted when the caller disconnects. */
  readonly signal: AbortSignal;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
  }
}

/** Serves one operation. What the handler returns is checked against the operation's answer before it is sent. */
export function serve<
  Path extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(
  app: FastifyInstance,
  operation: Operation<Path, Query, Body, Answer>,
  handle: (call: Call<Path, Query, Body>) => unknown,
): void {
  const takeTurn = operation.atOnce === undefined ? undefined : limitPerUser(operation.atOnce);
  app.route({
    method: operation.method,
    url: operation.path,
    schema: schemaOf(operation),
    config: { operation },
    // Shared answers are compressed once for all.
    ...(operation.isSameForAll === true ? { compress: false } : {}),
    handler: (request, reply) => {
      takeTurn?.(request, reply);
      const call = { params: request.params, query: request.query, body: request.body, request, reply };
      if (operation.isSameForAll !== true) {
        const own = { ...call, signal: goneSignal(reply) } as Call<Path, Query, Body>;
        return app.audit.around(request, operation, () => handle(own));
      }
      // Others may be waiting for it after this caller has gone.
      const { signal } = new AbortController();
      return app.requestCoalescing.send(request, reply, () => handle({ ...call, signal } as Call<Path, Query, Body>));
    },
  });
}

/** Refuses a user's calls beyond the limit for concurrent ones, with a Problem `too-many-requests`. */
function limitPerUser(atOnceMax: number): (request: FastifyRequest, reply: FastifyReply) => void {
  const underWay = new Map<string, number>();
  return (request, { raw }) => {
    const { username } = callerOf(request);
    const count = underWay.get(username) ?? 0;
    if (count >= atOnceMax) {
      const message = `You have ${count} of these calls under way, which is the most at once; wait for one to end.`;
      throw new Problem('too-many-requests', message, { retryAfterSeconds: 5 });
    }
    // A caller who left while the token was checked does not trigger `close` again.
    if (raw.closed || raw.destroyed) return;
    underWay.set(username, count + 1);
    raw.once('close', () => {
      const left = (underWay.get(username) ?? 1) - 1;
      if (left > 0) underWay.set(username, left);
      else underWay.delete(username);
    });
  };
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  // A caller who left before the handler ran, while the token was checked, does not trigger `close` again.
  if (reply.raw.closed || reply.raw.destroyed) gone.abort();
  else reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

function schemaOf(operation: Operation): FastifySchema {
  const none = z.strictObject({});
  const schema: FastifySchema = {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    querystring: operation.query ?? none,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    ...(operation.params === undefined ? {} : { params: operation.params }),
    ...(operation.body === undefined ? {} : { body: operation.body }),
    ...(operation.access === 'public' ? { security: [] } : {}),
    response: responsesOf(operation),
  };
  return schema;
}

function responsesOf(operation: Operation): Record<number, unknown> {
  const responses: Record<number, unknown> = {};
  const statuses = [
    ...(operation.access === 'public' ? [] : [401, 403]),
    422,
    ...(operation.atOnce === undefined ? [] : [429]),
    ...(operation.problems ?? []),
  ];
  for (const status of statuses) responses[status] = problem;
  for (const status of [200, operation.alsoAnsweredAs]) {
    if (operation.answer !== undefined && status !== undefined) responses[status] = operation.answer;
  }
  return responses;
}
