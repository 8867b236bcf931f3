import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Compressor } from '../../core/packed-block.ts';

export const zstd: Compressor = {
  // Level 3 is within 1 % of level 9 on our columns, at a third of the time.
  compress: (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
  decompress: (bytes, length) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
};
