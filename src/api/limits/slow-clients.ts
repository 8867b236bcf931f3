import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';

const bodyMillis = 30_000;
/** One period to notice that data is pending, another to see that none of it was taken. */
const stillMillis = 30_000;
/** Uploads are read as they come, for hours if necessary, as long as data keeps coming. */
const uploadStillMillis = 60_000;
const lookMillis = 5000;
const isUpload = /^(multipart\/|text\/csv|application\/(x-ndjson|gzip|zstd|octet-stream))/;

/** Nobody can hold a connection, or a download slot, by sending or reading next to nothing. */
export function limitSlowClients(app: FastifyInstance): void {
  app.addHook('preParsing', async ({ headers, raw }, _, payload) => {
    // Where no body is expected, nobody reads one to its end: a long trace must not look like a slow sender.
    const isToCome = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (!isToCome) return payload;
    if (isUpload.test(headers['content-type'] ?? '')) {
      cutWhenStill(raw);
      return payload;
    }
    const cut = setTimeout(() => payload.destroy(), bodyMillis).unref();
    for (const event of ['end', 'close', 'error']) payload.once(event, () => clearTimeout(cut));
    return payload;
  });
  app.addHook('onSend', async (_, { raw }, payload) => {
    if (payload instanceof Readable) {
      // Checks whether pending data is being taken. If nothing is pending, we are the slow side.
      raw.setTimeout(stillMillis, () => {
        if (raw.writableLength > 0) raw.destroy();
      });
    }
    return payload;
  });
}

function cutWhenStill(request: IncomingMessage): void {
  const { socket } = request;
  let [seenBytes, stillMillis] = [socket.bytesRead, 0];
  // The client may have left while the token was checked; the event will not fire again.
  if (request.closed || request.destroyed || socket.destroyed) return;
  const looking = setInterval(() => {
    // Data that has arrived but was not read yet waits for us, not for the sender.
    const isMoving = socket.bytesRead !== seenBytes || request.readableLength > 0;
    [seenBytes, stillMillis] = [socket.bytesRead, isMoving ? 0 : stillMillis + lookMillis];
    if (stillMillis >= uploadStillMillis) request.destroy();
    if (request.destroyed || socket.destroyed) clearInterval(looking);
  }, lookMillis).unref();
  for (const event of ['end', 'close', 'error']) request.once(event, () => clearInterval(looking));
}
