import { readFileSync } from 'node:fs';

/** If the system does not say: what the strictest systems allow a process that has raised its limit, as Node.js does. */
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
