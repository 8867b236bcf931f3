import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { z } from 'zod';
import type { Operation } from '../contract/operation.ts';
import { problem } from '../contract/shapes.ts';

/** What a handler gets: input that has been checked and turned into the operation's types. */
export interface Call<Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly params: z.output<Path>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborted when the caller goes away. */
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
  app.route({
    method: operation.method,
    url: operation.path,
    schema: schemaOf(operation),
    config: { operation },
    handler: (request, reply) => {
      const call = { params: request.params, query: request.query, body: request.body, request, reply };
      return handle({ ...call, signal: goneSignal(reply) } as Call<Path, Query, Body>);
    },
  });
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  // Who is gone before the handler's turn, while the token was being checked, does not close again.
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
  const statuses = [...(operation.access === 'public' ? [] : [401, 403]), 422, ...(operation.problems ?? [])];
  for (const status of statuses) {
    const isOwnShape = operation.id === 'showReadiness' && status === 503;
    responses[status] = isOwnShape ? operation.answer : problem;
  }
  if (operation.answer !== undefined) responses[200] = operation.answer;
  return responses;
}
