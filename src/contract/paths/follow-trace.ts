import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { z } from 'zod';
import { ApiError, type Client } from '../client.ts';
import { problem } from '../shapes.ts';
import {
  type LiveHopEntry,
  liveHop,
  liveRound,
  type StoredTraceEntry,
  storedTrace,
  traceTarget,
} from './traceroute.ts';

export type TraceMessage =
  | { readonly type: 'round'; readonly hops: readonly number[] }
  | { readonly type: 'hop'; readonly hop: LiveHopEntry }
  | { readonly type: 'done'; readonly trace: StoredTraceEntry };

export interface TraceAsked {
  readonly id: number;
  readonly query?: Partial<z.input<NonNullable<typeof traceTarget.query>>>;
}

/** Traces the path to a target and yields every round and answer as it comes. Throws ApiError when the trace cannot run. */
export async function* followTrace(
  client: Pick<Client, 'open'>,
  { id, query }: TraceAsked,
  signal?: AbortSignal,
): AsyncGenerator<TraceMessage> {
  const response = await client.open(traceTarget, { params: { id }, query, accept: 'text/event-stream' }, signal);
  if (response.body === null) return;
  const messages = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const message of messages) {
    const data: unknown = JSON.parse(message.data);
    if (message.event === 'round') yield { type: 'round', ...liveRound.parse(data) };
    if (message.event === 'hop') yield { type: 'hop', hop: liveHop.parse(data) };
    if (message.event === 'done') yield { type: 'done', trace: storedTrace.parse(data) };
    if (message.event === 'problem') throw problemOf(data);
  }
}

function problemOf(data: unknown): ApiError {
  const details = problem.parse(data);
  return new ApiError(details.status, details);
}
