import { Readable, pipeline } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { LogCompression, LogFormat } from '../../contract/history/history.ts';
import { csvOf, type LogTable, ndjsonOf } from './log-export.ts';
import { parquetOf } from './log-parquet.ts';

export interface Download {
  readonly contentType: string;
  /** Without directories; the endings give the format and the compression. */
  readonly fileName: string;
  readonly content: Readable;
}

const textTypes = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const;
const parquetCodecs = { none: 'UNCOMPRESSED', gzip: 'GZIP', zstd: 'ZSTD' } as const;

/** History as a file. Without `compression`, what most readers expect: text uncompressed, Parquet compressed internally. */
export function createDownload(
  table: LogTable,
  { format, compression }: { readonly format: LogFormat; readonly compression?: LogCompression | undefined },
): Download {
  const name = `pingmedaddy-target-${table.target.id}-logs.${format}`;
  if (format === 'parquet') {
    const content = streamOf(parquetOf(table, parquetCodecs[compression ?? 'zstd']));
    return { contentType: 'application/vnd.apache.parquet', fileName: name, content };
  }
  const text = streamOf(format === 'csv' ? csvOf(table) : ndjsonOf(table));
  switch (compression) {
    case undefined:
    case 'none':
      return { contentType: textTypes[format], fileName: name, content: text };
    case 'gzip':
      return { contentType: 'application/gzip', fileName: `${name}.gz`, content: packed(text, createGzip()) };
    case 'zstd':
      return { contentType: 'application/zstd', fileName: `${name}.zst`, content: packed(text, createZstdCompress()) };
    default:
      return compression satisfies never;
  }
}

/** A chunk is made after the one before it has been sent. */
function streamOf(pieces: AsyncIterable<string | Uint8Array>): Readable {
  return Readable.from(pieces, { objectMode: true, highWaterMark: 1 });
}

/** An error in either stream ends both, and reaches the reader of the compressed one. */
function packed(
  content: Readable,
  packer: ReturnType<typeof createGzip> | ReturnType<typeof createZstdCompress>,
): Readable {
  return pipeline(content, packer, () => {});
}
