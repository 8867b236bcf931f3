import type { z } from 'zod';
import type { Operation } from './operation.ts';
import { type ProblemDetails, problem } from './shapes.ts';

/** What a caller passes to one operation; parts that the operation does not have are absent. */
type InputOf<Schema extends z.ZodType> = Schema extends z.ZodUndefined ? undefined : z.input<Schema>;
type AnswerOf<Schema extends z.ZodType> = Schema extends z.ZodUndefined ? string : z.output<Schema>;

export interface CallInput<Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly params?: InputOf<Path>;
  readonly query?: Partial<InputOf<Query>> | undefined;
  readonly body?: InputOf<Body>;
  /** A media type other than the default, for operations that offer a choice. */
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

type QueryValue = string | number | boolean;

/** A body that is not JSON, for operations that accept one. */
export interface RawBody {
  readonly content: string | FormData | ReadableStream<Uint8Array>;
  readonly contentType?: string;
}

export interface ClientOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly token: string | undefined;
  readonly fetch?: typeof fetch;
}

/** The server answered with a problem (RFC 9457). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly details: ProblemDetails;
  /** From Retry-After, if given. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, details: ProblemDetails, retryAfterSeconds?: number) {
    super(details.detail);
    this.status = status;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface Client {
  /**
   * Calls an operation and checks the answer against its schema. Throws ApiError, or fetch's TypeError when no server answers.
   */
  call<Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType>(
    operation: Operation<Path, Query, Body, Answer>,
    input?: CallInput<Path, Query, Body>,
    raw?: RawBody,
  ): Promise<AnswerOf<Answer>>;
  /** The answer as it arrives, for streams and downloads. Throws ApiError as `call` does. */
  open<Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
    operation: Operation<Path, Query, Body>,
    input?: CallInput<Path, Query, Body>,
    signal?: AbortSignal,
  ): Promise<Response>;
}

export function createClient({ baseUrl, token, fetch: send = fetch }: ClientOptions): Client {
  async function request(
    operation: Operation,
    input: CallInput<z.ZodType, z.ZodType, z.ZodType>,
    raw?: RawBody,
    signal?: AbortSignal,
  ): Promise<Response> {
    const headers = new Headers();
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const init: RequestInit & { duplex?: 'half' } = { method: operation.method, headers };
    if (input.accept !== undefined) headers.set('accept', input.accept);
    const aborting = signal ?? input.signal;
    if (aborting !== undefined) init.signal = aborting;
    if (raw !== undefined) {
      init.body = raw.content;
      if (raw.contentType !== undefined) headers.set('content-type', raw.contentType);
      if (raw.content instanceof ReadableStream) init.duplex = 'half';
    } else if (input.body !== undefined) {
      headers.set('content-type', 'application/json');
      init.body = JSON.stringify(input.body);
    }
    const response = await send(baseUrl + addressOf(operation, input), init);
    if (!response.ok && response.status !== operation.alsoAnsweredAs) {
      const retryAfter = response.headers.get('retry-after');
      const retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter);
      throw new ApiError(response.status, await readProblem(response), retryAfterSeconds);
    }
    return response;
  }

  return {
    async call(operation, input = {}, raw) {
      const response = await request(operation, input, raw);
      if (operation.answer === undefined) return (await response.text()) as AnswerOf<z.ZodType> as never;
      return operation.answer.parse(await response.json()) as never;
    },
    open: (operation, input = {}, signal) => request(operation, input, undefined, signal),
  };
}

function addressOf(operation: Operation, input: CallInput<z.ZodType, z.ZodType, z.ZodType>): string {
  const params = (input.params ?? {}) as Record<string, unknown>;
  const path = operation.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const query = new URLSearchParams();
  const given: Record<string, QueryValue | undefined> = input.query ?? {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

async function readProblem(response: Response): Promise<ProblemDetails> {
  const text = await response.text();
  try {
    return problem.parse(JSON.parse(text));
  } catch {
    const detail = `The server answered ${response.status} ${response.statusText} without saying why.`;
    return { type: 'about:blank', title: response.statusText, status: response.status, detail };
  }
}
