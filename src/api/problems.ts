import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { operations } from '../contract/operations.ts';
import type { ProblemDetails } from '../contract/shapes.ts';
import { type Fault, Problem, type ProblemCode } from '../core/problem.ts';

const statusOf: Readonly<Record<ProblemCode, number>> = {
  'invalid-setting': 500,
  'invalid-input': 422,
  'target-not-found': 404,
  'target-exists': 400,
  'name-unresolved': 422,
  'not-found': 404,
  conflict: 409,
  'other-target': 409,
  'not-authenticated': 401,
  'not-allowed': 403,
  'role-too-low': 403,
  'too-many-requests': 429,
  'too-large': 413,
  'trace-unavailable': 503,
  'storage-unavailable': 503,
  'prober-unavailable': 503,
  'port-unavailable': 500,
  'server-unreachable': 502,
  'host-not-allowed': 421,
};

export function statusOfProblem({ code }: Problem): number {
  return statusOf[code];
}

/** Every error leaves as RFC 9457 problem details. A bug is logged once, here, and reported without internals. */
export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | Problem, request, reply) => {
    if (error instanceof Problem) return sendProblem(reply, statusOf[error.code], error.message, error);
    if (error.validation !== undefined) {
      // /targets/bulk is a call of its own; it matches /targets/:id only for methods that it does not have.
      if (error.validationContext === 'params' && isFixedPath(request.url)) return answerNotFound(request, reply);
      const faults = faultsOf(error);
      const detail = `Invalid request: ${faults.map(sentenceOf).join(' ')}`;
      return sendProblem(reply, 422, detail, { code: 'invalid-input', faults, retryAfterSeconds: undefined });
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return sendClientError(reply, error, status);
    request.log.error({ err: error }, 'a request failed');
    return sendProblem(reply, 500, 'The server failed on this request; its log says why.');
  });
  app.setNotFoundHandler((request, reply) => answerNotFound(request, reply));
}

export function answerBeforeRouting(error: FastifyError, reply: FastifyReply): void {
  const isTooLong = error.code === 'FST_ERR_MAX_PARAM_LENGTH';
  const detail = isTooLong ? 'A part of the path is longer than any name or id.' : 'The path is no URL.';
  sendProblem(reply.headers(strictHead), error.statusCode ?? 400, detail);
}

/** Hooks do not run for unknown routes. */
const strictHead = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

const withoutRequest: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The head of the request is longer than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come in time.'],
};

/** Requests that were not HTTP, or came too slowly. */
export function answerWithoutRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const [status, detail] = withoutRequest[error.code ?? ''] ?? [400, 'This is no HTTP request.'];
    const body = JSON.stringify(detailsOf(status, detail));
    const head = Object.entries({
      ...strictHead,
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`);
  }
  socket.destroy(error);
}

function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // The sentence gives the address that the caller used, base path included.
  const [path = ''] = request.originalUrl.split('?', 1);
  const documentation = `${request.server.basePath}/docs lists every call.`;
  const allowed = methodsOf(pathOf(request.url));
  // A pattern also matches pages that do not exist.
  if (allowed.length > 0 && !allowed.includes(request.method)) {
    void reply.header('allow', allowed.join(', '));
    return sendProblem(reply, 405, `${path} accepts ${allowed.join(', ')}, not ${request.method}. ${documentation}`);
  }
  return sendProblem(reply, 404, `No such endpoint: ${request.method} ${path}. ${documentation}`);
}

const patterns = [
  ...operations.map(({ method, path }) => ({
    method,
    isFixed: !path.includes(':'),
    pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}/?$`),
  })),
  // The documentation and the dashboard's screens.
  { method: 'GET', isFixed: true, pattern: /^\/(?:app(?:\/.*)?|docs(?:\/.*)?|redoc|openapi\.json)?$/ },
];
const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

function isFixedPath(url: string): boolean {
  return patterns.some(({ isFixed, pattern }) => isFixed && pattern.test(pathOf(url)));
}

/** The methods of a path; none if it does not exist. A fixed path is not another's parameter. */
function methodsOf(path: string): readonly string[] {
  const fitting = patterns.filter(({ pattern }) => pattern.test(path));
  const fixed = fitting.filter(({ isFixed }) => isFixed);
  const methods = (fixed.length > 0 ? fixed : fitting).map(({ method }) => method);
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
}

function sendClientError(reply: FastifyReply, error: FastifyError, status: number): FastifyReply {
  const docs = `${reply.server.basePath}/docs`;
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return sendProblem(reply, 415, `The content type of the body is not one that this call takes; ${docs} names it.`);
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return sendProblem(reply, 413, 'The body is larger than this call takes.');
    default:
      // A body that is not JSON is as invalid as one with a wrong field.
      if (status !== 400) return sendProblem(reply, status, withFullStop(error.message));
      return sendProblem(reply, 422, withFullStop(error.message), {
        ...{ code: 'invalid-input', retryAfterSeconds: undefined },
        faults: [{ field: 'body', message: withFullStop(error.message) }],
      });
  }
}

/** For an answer whose head has been sent; a bug is logged here as well. */
export function problemDetails(error: unknown, request: FastifyRequest): ProblemDetails {
  if (error instanceof Problem) return detailsOf(statusOf[error.code], error.message, error);
  request.log.error({ err: error }, 'a request failed');
  return detailsOf(500, 'The server failed on this request; its log says why.');
}

function detailsOf(status: number, detail: string, problem?: Pick<Problem, 'code' | 'faults'>): ProblemDetails {
  return {
    type: problem === undefined ? 'about:blank' : `urn:pingmedaddy:problem:${problem.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(problem !== undefined && problem.faults.length > 0 ? { errors: [...problem.faults] } : {}),
  };
}

export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail: string,
  problem?: Pick<Problem, 'code' | 'faults' | 'retryAfterSeconds'>,
): FastifyReply {
  const details = detailsOf(status, detail, problem);
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (problem?.retryAfterSeconds !== undefined) void reply.header('retry-after', String(problem.retryAfterSeconds));
  // Sent as text, because the route's schema describes success, not problems.
  return reply.status(status).type('application/problem+json').serializer(String).send(JSON.stringify(details));
}

interface ZodIssueParams {
  readonly keys?: readonly string[];
}

/** One fault per wrong field, under the name that the caller used. */
function faultsOf(error: FastifyError): Fault[] {
  const where = error.validationContext === 'params' ? 'path' : (error.validationContext ?? 'body');
  const faults = (error.validation ?? []).flatMap((issue): Fault[] => {
    const field = issue.instancePath.split('/').filter(Boolean).join('.');
    const { keys } = ((issue.params as { issue?: ZodIssueParams }).issue ?? issue.params) as ZodIssueParams;
    if (keys !== undefined) return keys.map((key) => ({ field: key, message: 'is not a field of this call.' }));
    if (field === '') return [{ field: where, message: 'must be a JSON object.' }];
    return [{ field, message: withFullStop(issue.message ?? 'is invalid') }];
  });
  // A value that breaks two rules with the same sentence has one fault.
  return [...new Map(faults.map((fault) => [sentenceOf(fault), fault])).values()];
}

function withFullStop(text: string): string {
  return text.replace(/([^.])$/, '$1.');
}

function sentenceOf(fault: Fault): string {
  return `${fault.field}: ${fault.message}`;
}
