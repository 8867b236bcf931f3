import { Readable, pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** The file cannot be imported, or not from this point on. */
export class UnreadableUpload extends Error {
  /** The row number in the file, from 1; `undefined` if unknown. */
  readonly line: number | undefined;

  constructor(message: string, details: { readonly cause?: unknown; readonly line?: number } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.line = details.line;
  }
}

export interface Upload {
  /** The name without the ending of its compression. */
  readonly content: AsyncIterable<Uint8Array>;
  /** Decided by its first character: NDJSON lines begin with an object, which no CSV does. */
  readonly isNdjson: boolean;
}

const gzipMagic = Buffer.of(0x1f, 0x8b);
const zstdMagic = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);
const parquetMagic = Buffer.from('PAR1');
const byteOrderMark = '\uFEFF';

/** Detects the format of an upload by its content, whatever its name; gzip and Zstandard are decompressed while reading. */
export async function openUpload(packed: AsyncIterable<Uint8Array>): Promise<Upload> {
  const outer = await peek(packed, (head) => head.length >= zstdMagic.length);
  const starts = (magic: Buffer): boolean => outer.head.subarray(0, magic.length).equals(magic);
  if (starts(parquetMagic)) throw new UnreadableUpload('Parquet cannot be imported; export it as CSV or NDJSON.');
  const content = starts(gzipMagic)
    ? unpacked(outer.whole, createGunzip())
    : starts(zstdMagic)
      ? unpacked(outer.whole, createZstdDecompress())
      : outer.whole;
  const inner = await peek(content, (head) => beginning(head) !== '' || head.length > 4096);
  return { content: inner.whole, isNdjson: beginning(inner.head).startsWith('{') };
}

function beginning(head: Buffer): string {
  return head.toString('utf8').replace(byteOrderMark, '').trimStart();
}

/** Reads until there is enough to decide; the returned stream includes what was read. */
async function peek(
  content: AsyncIterable<Uint8Array>,
  isEnough: (head: Buffer) => boolean,
): Promise<{ readonly head: Buffer; readonly whole: AsyncIterable<Uint8Array> }> {
  const chunks = content[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    head = Buffer.concat([head, next.value]);
    if (isEnough(head)) break;
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }
  return { head, whole: whole() };
}

async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  unpacker: ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pipeline(Readable.from(packed, { objectMode: false }), unpacker, () => {}) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!isPackingFault(error)) throw error;
    throw new UnreadableUpload('The compressed file is damaged or cut off here.', { cause: error });
  }
}

function isPackingFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(Z|ZSTD)_/.test(String(error.code));
}
