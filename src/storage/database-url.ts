import { Problem } from '../core/problem.ts';

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

export function parseDatabaseUrl(url: string): { readonly engine: 'sqlite'; readonly path: string } {
  const path = sqlitePathFromUrl(url);
  if (path !== undefined) return { engine: 'sqlite', path };
  if (/^postgres(?:ql)?(?:\+\w+)?:/.test(url.trim())) {
    throw invalid('PostgreSQL is not built in yet in this version: use sqlite:./pingmedaddy.db.');
  }
  throw invalid('A database is given as sqlite:./pingmedaddy.db or sqlite:///./pingmedaddy.db.');
}

function invalid(message: string): Problem {
  return new Problem('invalid-setting', `DATABASE_URL: ${message}`, { faults: [{ field: 'DATABASE_URL', message }] });
}
