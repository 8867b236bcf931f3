import type { EpochMillis } from '../../../core/ids.ts';
import type { Role } from '../../../core/role.ts';
import type {
  Accounts,
  ApiToken,
  AuditEntry,
  AuditFilter,
  NewApiToken,
  NewAuditEntry,
  User,
} from '../../records/account.ts';
import type { Connections, Queries, Row } from '../connection/connection.ts';
import { millisOf, numberIn, textOrNull, timestamp } from '../connection/sql-values.ts';

const userColumns = `id, username, password_hash, is_seeded, role,
  ${millisOf('password_changed_at')} as password_changed_at_millis, ${millisOf('created_at')} as created_at_millis`;

function userFrom(row: Row): User {
  return {
    id: numberIn(row, 'id'),
    username: String(row['username']),
    passwordHash: String(row['password_hash']),
    isSeeded: row['is_seeded'] === true,
    tokensEndedAt: numberIn(row, 'password_changed_at_millis'),
    role: String(row['role']) as Role,
    createdAt: numberIn(row, 'created_at_millis'),
  };
}

export async function listUsers(queries: Queries): Promise<readonly User[]> {
  // In byte order, as in SQLite, whatever the database's language.
  return (await queries.all(`select ${userColumns} from pmd.users order by username collate "C"`)).map(userFrom);
}

export async function saveUser(queries: Queries, user: Omit<User, 'id'>): Promise<void> {
  const { username, passwordHash, isSeeded, tokensEndedAt, role, createdAt } = user;
  await queries.all(
    `insert into pmd.users (username, password_hash, is_seeded, password_changed_at, role, created_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (username) do update set password_hash = excluded.password_hash, is_seeded = excluded.is_seeded,
       password_changed_at = excluded.password_changed_at, role = excluded.role,
       created_at = excluded.created_at`,
    [username, passwordHash, isSeeded, timestamp(tokensEndedAt), role, timestamp(createdAt)],
  );
}

const tokenColumns = `id, username, name, role, token_hash, ${millisOf('created_at')} as created_at_millis,
  ${millisOf('expires_at')} as expires_at_millis, ${millisOf('last_used_at')} as last_used_at_millis`;

const millisOrNone = (row: Row, column: string): EpochMillis | undefined =>
  row[column] === null ? undefined : numberIn(row, column);

const timestampOrNull = (time: EpochMillis | undefined): string | null => (time === undefined ? null : timestamp(time));

function tokenFrom(row: Row): ApiToken {
  return {
    id: numberIn(row, 'id'),
    username: String(row['username']),
    name: String(row['name']),
    role: String(row['role']) as Role,
    tokenHash: String(row['token_hash']),
    createdAt: numberIn(row, 'created_at_millis'),
    expiresAt: millisOrNone(row, 'expires_at_millis'),
    lastUsedAt: millisOrNone(row, 'last_used_at_millis'),
  };
}

export async function listApiTokens(queries: Queries): Promise<readonly ApiToken[]> {
  return (await queries.all(`select ${tokenColumns} from pmd.api_tokens order by id`)).map(tokenFrom);
}

async function addApiToken(queries: Queries, token: NewApiToken): Promise<ApiToken | undefined> {
  const { username, name, role, tokenHash, createdAt, expiresAt } = token;
  const [row] = await queries.all(
    `insert into pmd.api_tokens (username, name, role, token_hash, created_at, expires_at)
     select username, $1, $2, $3, $4, $5 from pmd.users where username = $6 returning ${tokenColumns}`,
    [name, role, tokenHash, timestamp(createdAt), timestampOrNull(expiresAt), username],
  );
  return row && tokenFrom(row);
}

/** Under its id; overwrites an existing one. */
export async function putApiToken(queries: Queries, token: ApiToken): Promise<void> {
  const { id, username, name, role, tokenHash, createdAt, expiresAt, lastUsedAt } = token;
  await queries.all('delete from pmd.api_tokens where id = $1 or token_hash = $2', [id, tokenHash]);
  await queries.all(
    `insert into pmd.api_tokens (id, username, name, role, token_hash, created_at, expires_at, last_used_at)
     overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[id, username, name, role, tokenHash, timestamp(createdAt)],
      ...[timestampOrNull(expiresAt), timestampOrNull(lastUsedAt)],
    ],
  );
}

const auditColumns = `id, ${millisOf('at')} as at_millis, username, api_token, address, action, path, status, detail`;

function auditFrom(row: Row): AuditEntry {
  return {
    id: numberIn(row, 'id'),
    at: numberIn(row, 'at_millis'),
    username: String(row['username']),
    apiToken: textOrNull(row, 'api_token') ?? undefined,
    address: String(row['address']),
    action: String(row['action']),
    path: String(row['path']),
    status: numberIn(row, 'status'),
    detail: textOrNull(row, 'detail') ?? undefined,
  };
}

async function addAuditEntries(queries: Queries, entries: readonly NewAuditEntry[]): Promise<void> {
  await queries.all(
    `insert into pmd.audit_entries (at, username, api_token, address, action, path, status, detail)
     select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
       $7::integer[], $8::text[])`,
    columnsOf(entries),
  );
}

function columnsOf(entries: readonly NewAuditEntry[]): readonly (readonly (string | number | null)[])[] {
  return [
    entries.map(({ at }) => timestamp(at)),
    entries.map(({ username }) => username),
    entries.map(({ apiToken }) => apiToken ?? null),
    entries.map(({ address }) => address),
    entries.map(({ action }) => action),
    entries.map(({ path }) => path),
    entries.map(({ status }) => status),
    entries.map(({ detail }) => detail ?? null),
  ];
}

/** By id from the one after `afterId`. */
export async function readAuditPage(queries: Queries, afterId: number, limit: number): Promise<readonly AuditEntry[]> {
  const sql = `select ${auditColumns} from pmd.audit_entries where id > $1 order by id limit $2`;
  return (await queries.all(sql, [afterId, limit])).map(auditFrom);
}

/** Within a transaction: under their ids; existing ones are left alone. */
export async function putAuditEntries(queries: Queries, entries: readonly AuditEntry[]): Promise<void> {
  await queries.all(
    `insert into pmd.audit_entries (id, at, username, api_token, address, action, path, status, detail)
     overriding system value
     select * from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
       $8::integer[], $9::text[])
     on conflict (id) do nothing`,
    [entries.map(({ id }) => id), ...columnsOf(entries)],
  );
}

async function listAuditEntries(
  queries: Queries,
  limit: number,
  { beforeId = Number.MAX_SAFE_INTEGER, username }: AuditFilter = {},
): Promise<readonly AuditEntry[]> {
  const sql = `select ${auditColumns} from pmd.audit_entries
    where id < $1 and ($2::text is null or username = $2) order by id desc limit $3`;
  return (await queries.all(sql, [beforeId, username ?? null, limit])).map(auditFrom);
}

export function createAccounts(queries: Connections): Accounts {
  const write: Queries['all'] = (sql, values) => queries.write(sql, values);
  const writes: Queries = { ...queries, all: write };
  return {
    listUsers: () => listUsers(queries),
    findUser: async (username) => {
      const [row] = await queries.all(`select ${userColumns} from pmd.users where username = $1`, [username]);
      return row && userFrom(row);
    },
    saveUser: (user) => saveUser(writes, user),
    deleteUser: async (username) =>
      (await write('delete from pmd.users where username = $1 returning id', [username])).length > 0,
    listApiTokens: () => listApiTokens(queries),
    addApiToken: (token) => addApiToken(writes, token),
    noteApiTokenUse: async (id, at) => {
      await write('update pmd.api_tokens set last_used_at = $2 where id = $1', [id, timestamp(at)]);
    },
    deleteApiToken: async (id) =>
      (await write('delete from pmd.api_tokens where id = $1 returning id', [id])).length > 0,
    addAuditEntries: (entries) => addAuditEntries(writes, entries),
    listAuditEntries: (limit, filter) => listAuditEntries(queries, limit, filter),
  };
}
