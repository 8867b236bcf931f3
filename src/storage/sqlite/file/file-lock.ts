import { closeSync, existsSync, openSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type Koffi from 'koffi';

/** An operating system lock on a file itself, whatever name it was opened by; it ends with the process. */
export interface FileLock {
  close(): void;
}

const exclusive = 2;
const withoutWaiting = 4;
// EWOULDBLOCK, on Linux and on macOS.
const heldByOthers = [11, 35];

/** Where a path leads: two names for one file are one. */
export function resolvedPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(path);
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
}

/**
 * Hard links are several names with nothing in common but the file. `undefined` if the file does not exist yet or the system has
 * no such lock; `held` if another process has it.
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
    // Not a plain import: without a binary for this platform, importing koffi throws.
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const call = koffi.load(null).func('int flock(int, int)') as (descriptor: number, operation: number) => number;
    return { call, errno: () => koffi.errno() };
  } catch {
    return undefined;
  }
}
