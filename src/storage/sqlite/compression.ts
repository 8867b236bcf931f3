import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Compressor } from '../../core/packed-block.ts';

const parameters = {
  [constants.ZSTD_c_compressionLevel]: 3,
  // Short matches in columns of noise cost more than the entropy coder alone would need.
  [constants.ZSTD_c_minMatch]: 7,
};

export const zstd: Compressor = {
  compress: (bytes) => zstdCompressSync(bytes, { params: parameters }),
  decompress: (bytes, length) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
};
