import { Problem } from '../core/problem.ts';
import { postgresUrlFrom } from './postgres/postgres-url.ts';

/** `undefined` where the text is none of the forms of an SQLite address. */
export function sqlitePathFromUrl(url: string): string | undefined {
  const match = /^sqlite(?:\+\w+)?:(.*)$/s.exec(url.trim());
  const rest = match?.[1];
  if (rest === undefined) return undefined;
  // As in SQLAlchemy: three slashes lead a relative path, four an absolute one. Without slashes it is the path itself.
  const path = rest.startsWith('///') ? rest.slice(3) : rest;
  if (path === '' || path.startsWith('//')) throw invalid(`${url} names no file.`);
  if (path.includes('?')) throw invalid(`${url} has parameters after "?", which are not supported.`);
  return path;
}

export type DatabaseAddress =
  { readonly engine: 'sqlite'; readonly path: string } | { readonly engine: 'postgres'; readonly address: string };

export function parseDatabaseUrl(url: string): DatabaseAddress {
  const path = sqlitePathFromUrl(url);
  if (path !== undefined) return { engine: 'sqlite', path };
  const address = postgresUrlFrom(url);
  if (address !== undefined) return { engine: 'postgres', address };
  throw invalid('A database is given as sqlite:./pingmedaddy.db or postgresql://user:password@host:5432/database.');
}

function invalid(message: string): Problem {
  return new Problem('invalid-setting', `DATABASE_URL: ${message}`, { faults: [{ field: 'DATABASE_URL', message }] });
}
