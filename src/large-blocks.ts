import { createRequire } from 'node:module';
import type Koffi from 'koffi';

/** From malloc.h of glibc. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const mebibyte = 1024 * 1024;

/**
 * Blocks of 4 MiB and more are returned to the system when freed. By default, glibc raises this limit whenever a larger block is
 * freed, and every thread then keeps one of the 19 MiB that a password hash takes: 90 MiB in all.
 */
export function returnLargeBlocks(): void {
  if (process.platform !== 'linux') return;
  try {
    // Not a plain import: without a binary for this platform, importing koffi throws. musl has no such call and does not need it.
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const mallopt = koffi.load(null).func('int mallopt(int, int)') as (option: number, value: number) => number;
    mallopt(M_MMAP_THRESHOLD, 4 * mebibyte);
    // Memory that a block just below that limit leaves at the end of the heap is kept for the next one.
    mallopt(M_TRIM_THRESHOLD, 8 * mebibyte);
  } catch {
    // It costs only memory.
  }
}
