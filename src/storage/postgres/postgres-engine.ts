import { Problem } from '../../core/problem.ts';
import type { StorageEngine } from '../engine.ts';
import { parsePostgresUrl } from './connection/postgres-url.ts';

export const postgresEngine: StorageEngine = {
  prefixes: ['postgres://', 'postgresql://'],
  parse: parsePostgresUrl,
  open: async (address, options) => (await import('./postgres-storage.ts')).openPostgresStorage(address, options),
  check: () => Promise.reject(elsewhere('check it with pg_amcheck')),
  restore: () => Promise.reject(elsewhere('restore it with pg_restore')),
};

function elsewhere(advice: string): Problem {
  return new Problem('invalid-setting', `DATABASE_URL names a PostgreSQL server: ${advice}.`);
}
