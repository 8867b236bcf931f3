import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Takes the answer over as a stream of server-sent events. */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  const response = reply.raw;
  // Set by hooks on the way here (security, CORS); a hijacked answer has to take them along.
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  return response;
}

export function eventStreamText(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

const lastWordsMillis = 500;

/** Ends a stream from our side: what waits may still leave, but no reader that stands still holds its place with it. */
export function endEventStream(response: ServerResponse): void {
  if (response.writableEnded) return;
  response.end();
  const cut = setTimeout(() => response.destroy(), lastWordsMillis);
  response.once('close', () => clearTimeout(cut));
}
