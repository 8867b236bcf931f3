import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { constants, createGzip, gzip, type ZlibOptions } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDirectFromHere } from '../limits/hosts.ts';
import { SlicedAnswer, sliceRows } from './sliced-answer.ts';

/** Results arrive five times a second; an answer may be that old. */
const keptMillis = 200;
/** As for all other answers. */
const gzipFrom = 4096;
/** From this size on, the time to compress is more noticeable than the bytes it saves. */
const gzipFastFrom = 1 << 20;
const pack = promisify<Buffer, ZlibOptions, Buffer>(gzip);

declare module 'fastify' {
  interface FastifyInstance {
    requestCoalescing: RequestCoalescing;
  }
}

/** Answers that do not depend on the caller: made once for all who ask at the same time. */
export interface RequestCoalescing {
  send(request: FastifyRequest, reply: FastifyReply, make: () => unknown): Promise<FastifyReply>;
}

interface Content {
  readonly json: Buffer;
  /** For answers that were compressed as they were made. */
  readonly packed?: Buffer;
}

interface SharedAnswer {
  readonly content: Promise<Content>;
  packed?: Promise<Buffer>;
}

/** Every change, whoever makes it, clears the cache, so that its author sees the effect. */
export function coalesceRequests(app: FastifyInstance): void {
  let answers = new Map<string, SharedAnswer>();
  const forget = ({ method }: FastifyRequest): void => {
    if (method !== 'GET' && method !== 'HEAD') answers = new Map();
  };
  // Before the answer and, when an answer is sent while work continues, after it as well.
  app.addHook('onSend', async (request) => forget(request));
  app.addHook('onResponse', async (request) => forget(request));

  function answerOf(key: string, make: () => Promise<Content>): SharedAnswer {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const own = answers;
    const answer = { content: make() };
    own.set(key, answer);
    answer.content.then(
      () => setTimeout(() => own.delete(key), keptMillis).unref(),
      () => own.delete(key),
    );
    return answer;
  }

  app.decorate('requestCoalescing', {
    async send(request, reply, make) {
      const serialize = (answer: Record<string, unknown>): string => String(reply.serializeInput(answer, '200'));
      const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      // For a program on this machine, compression saves no transfer time and takes as long as everything else together.
      const isNear = isDirectFromHere(request, []);
      const answer = answerOf(request.url, async () => {
        const made = await make();
        if (made instanceof SlicedAnswer) return writeSlices(made, serialize, takesGzip && !isNear);
        return { json: Buffer.from(serialize(made as Record<string, unknown>)) };
      });
      // CORS sets its own value there.
      const vary = [reply.getHeader('vary'), 'accept-encoding'].filter((each) => each !== undefined).join(', ');
      void reply.type('application/json; charset=utf-8').header('vary', vary);
      const { json, packed } = await answer.content;
      const isWorthPacking = json.length >= gzipFrom && !(isNear && json.length >= gzipFastFrom);
      if (!takesGzip || !isWorthPacking) return reply.send(json);
      answer.packed ??= packed === undefined ? pack(json, { level: levelFor(json) }) : Promise.resolve(packed);
      return reply.header('content-encoding', 'gzip').send(await answer.packed);
    },
  });
}

function levelFor(json: Buffer): number {
  return json.length < gzipFastFrom ? constants.Z_DEFAULT_COMPRESSION : constants.Z_BEST_SPEED;
}

/** Each slice is compressed on another thread while the next one is made. */
async function writeSlices(
  made: SlicedAnswer,
  serialize: (answer: Record<string, unknown>) => string,
  takesGzip: boolean,
): Promise<Content> {
  const parts: Buffer[] = [];
  if (!takesGzip || made.list.rowCount <= sliceRows) {
    for await (const part of made.parts(serialize)) parts.push(part);
    return { json: Buffer.concat(parts) };
  }
  using packer = createPacker();
  for await (const part of made.parts(serialize)) {
    parts.push(part);
    packer.add(part);
  }
  return { json: Buffer.concat(parts), packed: await packer.finish() };
}

function createPacker(): Disposable & { add(part: Buffer): void; finish(): Promise<Buffer> } {
  const stream = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 1 << 18 });
  const packed = buffer(stream);
  // Nothing awaits it when making the answer fails.
  packed.catch(() => {});
  return {
    add: (part) => void stream.write(part),
    finish: () => {
      stream.end();
      return packed;
    },
    [Symbol.dispose]: () => stream.destroy(),
  };
}
