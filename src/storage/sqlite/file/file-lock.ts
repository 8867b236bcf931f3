import { closeSync, existsSync, openSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type Koffi from 'koffi';

/** A lock of the operating system on a file itself, whatever name it was opened by; it ends with the process. */
export interface FileLock {
  close(): void;
}

const exclusive = 2;
const withoutWaiting = 4;
// EWOULDBLOCK, on Linux and on macOS.
const heldByOthers = [11, 35];

/** Where a path leads: two names that lead to one file are one. */
export function resolvedPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(path);
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
}

/**
 * Hard links are several names with nothing in common but the file. `undefined` where the file is not there yet or the
 * system knows no such lock; `held` where another process has it.
 */
export function lockFile(path: string): FileLock | 'held' | undefined {
  if (!existsSync(path)) return undefined;
  const flock = flockOf();
  if (flock === undefined) return undefined;
  const descriptor = openSync(path, 'r');
  if (flock.call(descriptor, exclusive | withoutWaiting) === 0) return { close: () => closeSync(descriptor) };
  const isHeld = heldByOthers.includes(flock.errno());
  closeSync(descriptor);
  return isHeld ? 'held' : undefined;
}

function flockOf(): { readonly call: (descriptor: number, operation: number) => number; errno(): number } | undefined {
  try {
    // Not a plain import: where koffi has no binary, importing it throws.
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const call = koffi.load(null).func('int flock(int, int)') as (descriptor: number, operation: number) => number;
    return { call, errno: () => koffi.errno() };
  } catch {
    return undefined;
  }
}
