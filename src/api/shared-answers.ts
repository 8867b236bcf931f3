import { promisify } from 'node:util';
import { constants, gzip, type ZlibOptions } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SlicedAnswer } from './sliced-answer.ts';

/** Results arrive five times a second: an answer may be as old as that. */
const keptMillis = 200;
/** As for all other answers. */
const gzipFrom = 4096;
/** From here on the time that packing takes is felt more than the bytes that it saves. */
const gzipFastFrom = 1 << 20;
const pack = promisify<Buffer, ZlibOptions, Buffer>(gzip);

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
      const serialize = (answer: Record<string, unknown>): string => String(reply.serializeInput(answer, '200'));
      const answer = answerOf(request.url, async () => {
        const made = await make();
        if (made instanceof SlicedAnswer) return await made.write(serialize);
        return Buffer.from(serialize(made as Record<string, unknown>));
      });
      // CORS has its own there.
      const vary = [reply.getHeader('vary'), 'accept-encoding'].filter((each) => each !== undefined).join(', ');
      void reply.type('application/json; charset=utf-8').header('vary', vary);
      const json = await answer.json;
      const isPacked = json.length >= gzipFrom && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      if (!isPacked) return reply.send(json);
      answer.packed ??= pack(json, {
        level: json.length < gzipFastFrom ? constants.Z_DEFAULT_COMPRESSION : constants.Z_BEST_SPEED,
      });
      return reply.header('content-encoding', 'gzip').send(await answer.packed);
    },
  });
}
