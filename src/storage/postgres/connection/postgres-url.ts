import { Problem } from '../../../core/problem.ts';
import type { DatabaseAddress } from '../../engine.ts';

const advice = 'in the user name and password write # as %23, / as %2F, ? as %3F, @ as %40 and % as %25';

/** Also accepts `postgresql+asyncpg://` and the like, from old settings. As `StorageEngine.parse`. */
export function parsePostgresUrl(url: string): DatabaseAddress | { readonly fault: string } | undefined {
  const rest = /^postgres(?:ql)?(?:\+\w+)?:(.*)$/s.exec(url)?.[1];
  if (rest === undefined) return undefined;
  const text = `postgresql:${rest}`;
  if (URL.canParse(text) && isWholePostgresAddress(text)) return { text, file: undefined };
  return { fault: `must be like postgresql://user:password@host:5432/database; ${advice}.` };
}

/**
 * Whether all parts of a PostgreSQL address are where its author put them. A / ? or # in a password ends the part that names the
 * server: the rest of the password would be taken for a database, and its beginning for a port that messages show.
 */
function isWholePostgresAddress(text: string): boolean {
  return /^[a-z\d+]+:\/\/[^/?#]*(?:\/[^@?#]*)?(?:\?[^@=#]*(?:=[^#]*)?)?$/i.test(text);
}

/** The address in `DATABASE_DIRECT_URL`. Throws a Problem if it cannot be used. */
export function directAddressIn(url: string): string {
  const found = parsePostgresUrl(url) ?? { fault: 'must begin with postgres:// or postgresql://.' };
  if (!('fault' in found)) return found.text;
  const message = `DATABASE_DIRECT_URL ${found.fault}`;
  throw new Problem('invalid-setting', message, { faults: [{ field: 'DATABASE_DIRECT_URL', message }] });
}

/** Where a database is, without what must not be shown. */
export function describePostgresUrl(address: string): string {
  const { hostname, port, pathname } = new URL(address);
  return `${pathname.slice(1) || 'postgres'} at ${hostname || 'localhost'}:${port || '5432'}`;
}
