import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import { Problem } from '../core/problem.ts';
import type { Client } from '../contract/client.ts';
import { type LiveResult, liveEvent, liveResult, openStream } from '../contract/fleet.ts';

export type LiveMessage =
  | { readonly type: 'results'; readonly results: readonly LiveResult[] }
  | { readonly type: 'event'; readonly event: z.infer<typeof liveEvent> };

const results = z.array(liveResult);

/** Live results and events until the signal is aborted or the server ends the stream. */
export async function* followStream(
  client: Client,
  query: { readonly targets?: string },
  signal: AbortSignal,
): AsyncGenerator<LiveMessage> {
  const response = await client.open(openStream, { query }, signal);
  if (response.body === null) return;
  const messages = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  try {
    for await (const message of messages) {
      if (message.event === 'results') yield { type: 'results', results: results.parse(JSON.parse(message.data)) };
      if (message.event === 'event') yield { type: 'event', event: liveEvent.parse(JSON.parse(message.data)) };
    }
  } catch (error) {
    // Ctrl-C is how following ends, not how it fails.
    if (!signal.aborted) throw error;
  }
  if (!signal.aborted) throw new Problem('server-unreachable', 'The server has ended the stream.');
}
