import { isWholePostgresAddress } from '../../core/postgres-address.ts';
import { Problem } from '../../core/problem.ts';

/**
 * The address in the form that the driver takes; `postgresql+asyncpg://` and its like, from old settings, are accepted.
 * `undefined` where the text is no PostgreSQL address.
 */
export function postgresUrlFrom(text: string): string | undefined {
  const match = /^postgres(?:ql)?(?:\+\w+)?:(.*)$/s.exec(text.trim());
  const rest = match?.[1];
  if (rest === undefined) return undefined;
  const address = `postgresql:${rest}`;
  if (!URL.canParse(address) || !isWholePostgresAddress(address)) {
    const message =
      'A PostgreSQL address is postgresql://user:password@host:5432/database (escape / @ : # ? in a password).';
    const faults = [{ field: 'DATABASE_URL', message }];
    throw new Problem('invalid-setting', `DATABASE_URL: ${message}`, { faults });
  }
  return address;
}

/** Where a database is, without what must not be shown. */
export function describePostgresUrl(address: string): string {
  const { hostname, port, pathname } = new URL(address);
  return `${pathname.slice(1) || 'postgres'} at ${hostname || 'localhost'}:${port || '5432'}`;
}
