import { createWriteStream } from 'node:fs';
import { access, rename, rm, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from './failure.ts';
import type { Progress } from './output/progress.ts';

/** The server, or a proxy in front of it, broke off a download. */
export class BrokenOffError extends Error {}

/** Asked before the server is, so that nothing is downloaded in vain. */
export async function refuseExisting(file: string, isForced: boolean): Promise<void> {
  const folder = dirname(file);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new UsageError(`There is no folder ${folder}; make it first.`);
  if (isForced) return;
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new UsageError(`${file} exists already; --force overwrites it.`);
}

/**
 * Writes to FILE.partial and renames it once all of it is on disk and `check` has not thrown; the umask is applied to `mode`.
 * Returns the number of bytes.
 */
export async function saveAs(
  file: string,
  content: Readable,
  progress: Progress,
  {
    check,
    onChunk,
    keepBytes = () => 0,
    mode = 0o666,
  }: {
    readonly check?: (partial: string) => Promise<void>;
    readonly onChunk?: (chunk: Uint8Array) => void;
    /** How much of FILE.partial is usable when the download breaks off; 0 removes it. */
    readonly keepBytes?: () => number;
    readonly mode?: number;
  } = {},
): Promise<number> {
  const partial = `${file}.partial`;
  let bytes = 0;
  let broken: BrokenOffError | undefined;
  /** Ends where the server breaks off, so that what arrived is written before the failure is reported. */
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of received(content)) {
        bytes += chunk.length;
        onChunk?.(chunk);
        progress.advance(chunk.length);
        yield chunk;
      }
    } catch (error) {
      if (!(error instanceof BrokenOffError)) throw error;
      broken = error;
    }
  }
  try {
    // A leftover of an attempt that was killed would keep its mode.
    await rm(partial, { force: true });
    await pipeline(counted(), createWriteStream(partial, { flush: true, mode }));
    if (broken !== undefined) throw broken;
    await check?.(partial);
    await rename(partial, file);
  } catch (error) {
    if (error instanceof BrokenOffError && keepBytes() > 0) await truncate(partial, keepBytes());
    else await rm(partial, { force: true });
    throw error;
  }
  return bytes;
}

/** The chunks of an answer; throws a `BrokenOffError` when it ends too early. */
export async function* received(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const from = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await from.next().catch((error: unknown) => {
        if (error instanceof Error && error.name === 'AbortError') throw error;
        throw new BrokenOffError('The server broke the download off before its end.', { cause: error });
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await from.return?.().catch(() => undefined);
  }
}
