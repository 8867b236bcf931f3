import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import { Problem } from '../core/problem.ts';
import type { Client } from '../contract/client.ts';
import { type LiveResult, liveEvent, liveResult, openStream } from '../contract/fleet.ts';

export type LiveMessage =
  | { readonly type: 'results'; readonly results: readonly LiveResult[] }
  | { readonly type: 'event'; readonly event: z.infer<typeof liveEvent> };

const results = z.array(liveResult);

/** Live results and events, from the server's answer until the signal is aborted or the server ends the stream. */
export async function openLive(
  client: Client,
  query: { readonly targets?: string },
  signal: AbortSignal,
): Promise<AsyncGenerator<LiveMessage>> {
  const response = await client.open(openStream, { query }, signal);
  if (response.body === null) throw new Problem('server-unreachable', 'The stream has no body.');
  return readLive(response.body, signal);
}

async function* readLive(body: NonNullable<Response['body']>, signal: AbortSignal): AsyncGenerator<LiveMessage> {
  const messages = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  try {
    for await (const message of messages) {
      if (message.event === 'results') yield { type: 'results', results: results.parse(JSON.parse(message.data)) };
      if (message.event === 'event') yield { type: 'event', event: liveEvent.parse(JSON.parse(message.data)) };
    }
  } catch (error) {
    // Ctrl-C is the way to end it, not a failure.
    if (!signal.aborted) throw error;
  }
  if (!signal.aborted) throw new Problem('server-unreachable', 'The server has ended the stream.');
}
