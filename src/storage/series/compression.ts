import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type Compressor, noCompression } from '../../core/bytes/packed-block.ts';

const parameters = {
  [constants.ZSTD_c_compressionLevel]: 3,
  // Short matches in noisy columns cost more than the entropy coder alone would need.
  [constants.ZSTD_c_minMatch]: 7,
};

// The output comes in one piece: by default, each call would allocate, and the collector have to free, buffers of 32 kB.
const bytesAtLeast = 64;

export const zstd: Compressor = {
  crc32: (bytes) => crc32(bytes),
  compress: (bytes) => zstdCompressSync(bytes, { params: parameters, chunkSize: bytes.length + bytesAtLeast }),
  decompress: (bytes, length) =>
    zstdDecompressSync(bytes, {
      maxOutputLength: Math.max(1, length),
      chunkSize: Math.max(bytesAtLeast, Math.min(length, 1024 * 1024)),
    }),
};

/** For data that lives a day at most: starting zstd would cost more than everything else about reading it. */
export const uncompressed: Compressor = { ...noCompression, crc32: (bytes) => crc32(bytes) };
