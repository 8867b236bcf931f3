import { expect, test } from 'vitest';
import { parsePostgresUrl } from './postgres-url.ts';

test.each([
  'postgresql://user:password@host:5432/database',
  'postgres+asyncpg://host/database?sslmode=require&password=a@b',
  'postgresql:///database?host=/run/postgresql',
  'postgresql://u:12%23x@host/database',
  'postgresql://host',
])('%s is complete', (address) => {
  expect(parsePostgresUrl(address)).toMatchObject({ file: undefined });
});

test.each(['12#x', '12/x', '12?x', '12/a=b', '#', '12?x#y'])('with the password %s it is not', (password) => {
  expect(parsePostgresUrl(`postgresql://u:${password}@host:5432/database`)).toHaveProperty('fault');
});
