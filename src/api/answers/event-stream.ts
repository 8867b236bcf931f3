import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Takes over the answer as a stream of server-sent events. */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  const response = reply.raw;
  // Headers set by earlier hooks (security, CORS), which a hijacked answer must copy itself.
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

/** Ends a stream from our side. Pending data may still be sent, but a stalled reader cannot keep its connection. */
export function endEventStream(response: ServerResponse): void {
  if (response.writableEnded) return;
  response.end();
  const cut = setTimeout(() => response.destroy(), lastWordsMillis);
  response.once('close', () => clearTimeout(cut));
}
