import { createRequire } from 'node:module';
import type Koffi from 'koffi';

/** From malloc.h of glibc. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const mebibyte = 1024 * 1024;

/**
 * Blocks of 4 MiB and more go back to the system when they are freed. Left to itself, glibc raises that limit with each
 * larger block that is freed, and every thread then keeps one of the 19 MiB that a password hash takes: 90 MiB in all.
 */
export function returnLargeBlocks(): void {
  if (process.platform !== 'linux') return;
  try {
    // Not a plain import: where koffi has no binary, importing it throws. musl has no such call, and needs none.
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const mallopt = koffi.load(null).func('int mallopt(int, int)') as (option: number, value: number) => number;
    mallopt(M_MMAP_THRESHOLD, 4 * mebibyte);
    // What a block just below that limit leaves behind at the end of the heap is kept for the next one.
    mallopt(M_TRIM_THRESHOLD, 8 * mebibyte);
  } catch {
    // Memory is all that it costs.
  }
}
