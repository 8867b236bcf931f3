import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Results arrive five times a second: an answer may be as old as that. */
const keptMillis = 200;
/** As for all other answers. */
const gzipFrom = 4096;
const pack = promisify(gzip);

declare module 'fastify' {
  interface FastifyInstance {
    sharedAnswers: SharedAnswers;
  }
}

/** Answers that are the same whoever asks: made once for all who ask at the same time. */
export interface SharedAnswers {
  send(request: FastifyRequest, reply: FastifyReply, make: () => unknown): Promise<FastifyReply>;
}

interface SharedAnswer {
  readonly json: Promise<Buffer>;
  packed?: Promise<Buffer>;
}

/** Every change, by whom ever, ends what is kept: whoever made it sees it. */
export function shareAnswers(app: FastifyInstance): void {
  let answers = new Map<string, SharedAnswer>();
  const forget = ({ method }: FastifyRequest): void => {
    if (method !== 'GET' && method !== 'HEAD') answers = new Map();
  };
  // Before it is answered, and for answers that are sent while the work goes on, after it.
  app.addHook('onSend', async (request) => forget(request));
  app.addHook('onResponse', async (request) => forget(request));

  function answerOf(key: string, make: () => Promise<Buffer>): SharedAnswer {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const own = answers;
    const answer = { json: make() };
    own.set(key, answer);
    answer.json.then(
      () => setTimeout(() => own.delete(key), keptMillis).unref(),
      () => own.delete(key),
    );
    return answer;
  }

  app.decorate('sharedAnswers', {
    async send(request, reply, make) {
      const answer = answerOf(request.url, async () =>
        Buffer.from(String(reply.serializeInput((await make()) as Record<string, unknown>, '200'))),
      );
      // CORS has its own there.
      const vary = [reply.getHeader('vary'), 'accept-encoding'].filter((each) => each !== undefined).join(', ');
      void reply.type('application/json; charset=utf-8').header('vary', vary);
      const json = await answer.json;
      const isPacked = json.length >= gzipFrom && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      if (!isPacked) return reply.send(json);
      answer.packed ??= pack(json);
      return reply.header('content-encoding', 'gzip').send(await answer.packed);
    },
  });
}
