import { Problem } from '../core/problem.ts';
import type { DatabaseAddress, StorageEngine } from './engine.ts';
import { postgresEngine } from './postgres/postgres-engine.ts';
import { sqliteEngine } from './sqlite/sqlite-engine.ts';

/** Every kind of database that can be used. A new one is a file and a row here. */
const engines: readonly StorageEngine[] = [sqliteEngine, postgresEngine];

export interface FoundDatabase {
  readonly engine: StorageEngine;
  readonly address: DatabaseAddress;
}

/** Which engine an address belongs to, or what is wrong with it, as a predicate. */
export function parseDatabaseUrl(url: string): FoundDatabase | { readonly fault: string } {
  for (const engine of engines) {
    const address = engine.parse(url.trim());
    if (address !== undefined) return 'fault' in address ? address : { engine, address };
  }
  const prefixes = engines.flatMap((engine) => engine.prefixes);
  return { fault: `must begin with ${prefixes.slice(0, -1).join(', ')} or ${prefixes.at(-1)}.` };
}

/** Throws a Problem `invalid-setting` for an address that cannot be used. */
export function findDatabase(url: string): FoundDatabase {
  const found = parseDatabaseUrl(url);
  if (!('fault' in found)) return found;
  const message = `The database address ${found.fault}`;
  throw new Problem('invalid-setting', message, { faults: [{ field: 'DATABASE_URL', message }] });
}
