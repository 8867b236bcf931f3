import { closeSync } from 'node:fs';
import type { Libc } from './libc.ts';

/** More than the sockets of all lanes and the connections in progress. */
const capacity = 8192;

/** Memory in which a probing thread records what it has open: a thread that dies closes nothing itself. */
export function createDescriptorMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(capacity * Int32Array.BYTES_PER_ELEMENT);
}

/** The same libc, recording each socket (as descriptor + 1) in `memory` from opening to closing. */
export function noteDescriptors(libc: Libc, memory: SharedArrayBuffer): Libc {
  const noted = new Int32Array(memory);
  const replace = (from: number, to: number): void => {
    const at = noted.indexOf(from);
    if (at !== -1) Atomics.store(noted, at, to);
  };
  return {
    ...libc,
    socket: (domain, type, protocol) => {
      const descriptor = libc.socket(domain, type, protocol);
      if (descriptor >= 0) replace(0, descriptor + 1);
      return descriptor;
    },
    close: (descriptor) => {
      replace(descriptor + 1, 0);
      return libc.close(descriptor);
    },
  };
}

/** Closes what a thread that has ended left open. */
export function closeNoted(memory: SharedArrayBuffer): void {
  const noted = new Int32Array(memory);
  for (let at = 0; at < noted.length; at++) {
    const descriptor = Atomics.exchange(noted, at, 0) - 1;
    if (descriptor >= 0) closeSync(descriptor);
  }
}
