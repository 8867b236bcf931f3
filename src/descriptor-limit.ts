import { readFileSync } from 'node:fs';

/** Where the system does not say: what the strictest of them allow a process that has asked for more, as Node.js does. */
const usual = 8192;

/** How many files and sockets this process may have open at once. */
export function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? usual : Number(soft);
  } catch {
    return usual;
  }
}
