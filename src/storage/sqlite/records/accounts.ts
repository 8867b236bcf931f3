import type { EpochMillis } from '../../../core/ids.ts';
import type { Role } from '../../../core/role.ts';
import type { ApiToken, AuditEntry, AuditFilter, NewApiToken, NewAuditEntry, User } from '../../records/account.ts';
import type { Database, Row } from '../file/database.ts';

const userColumns = 'id, username, password_hash, is_seeded, password_changed_at_millis, role, created_at_millis';

function userFrom(row: Row): User {
  return {
    id: Number(row['id']),
    username: String(row['username']),
    passwordHash: String(row['password_hash']),
    isSeeded: row['is_seeded'] === 1,
    tokensEndedAt: Number(row['password_changed_at_millis']),
    role: String(row['role']) as Role,
    createdAt: Number(row['created_at_millis']),
  };
}

export function listUsers(database: Database): readonly User[] {
  return database.all(`select ${userColumns} from users order by username`).map(userFrom);
}

export function findUser(database: Database, username: string): User | undefined {
  const row = database.get(`select ${userColumns} from users where username = ?`, username);
  return row && userFrom(row);
}

export function saveUser(database: Database, user: Omit<User, 'id'>): void {
  const { username, passwordHash, isSeeded, tokensEndedAt, role, createdAt } = user;
  database.run(
    `insert into users (username, password_hash, is_seeded, password_changed_at_millis, role, created_at_millis)
     values (?, ?, ?, ?, ?, ?)
     on conflict (username) do update set password_hash = excluded.password_hash, is_seeded = excluded.is_seeded,
       password_changed_at_millis = excluded.password_changed_at_millis, role = excluded.role,
       created_at_millis = excluded.created_at_millis`,
    ...[username, passwordHash, isSeeded ? 1 : 0, tokensEndedAt, role, createdAt],
  );
}

export function deleteUser(database: Database, username: string): boolean {
  return database.run('delete from users where username = ?', username).changes > 0;
}

const tokenColumns = 'id, username, name, role, token_hash, created_at_millis, expires_at_millis, last_used_at_millis';

const millisOrNone = (value: unknown): EpochMillis | undefined => (value === null ? undefined : Number(value));

function tokenFrom(row: Row): ApiToken {
  return {
    id: Number(row['id']),
    username: String(row['username']),
    name: String(row['name']),
    role: String(row['role']) as Role,
    tokenHash: String(row['token_hash']),
    createdAt: Number(row['created_at_millis']),
    expiresAt: millisOrNone(row['expires_at_millis']),
    lastUsedAt: millisOrNone(row['last_used_at_millis']),
  };
}

export function listApiTokens(database: Database): readonly ApiToken[] {
  return database.all(`select ${tokenColumns} from api_tokens order by id`).map(tokenFrom);
}

export function addApiToken(database: Database, token: NewApiToken): ApiToken | undefined {
  const { username, name, role, tokenHash, createdAt, expiresAt } = token;
  const sql = `insert into api_tokens (username, name, role, token_hash, created_at_millis, expires_at_millis)
    select username, ?, ?, ?, ?, ? from users where username = ? returning ${tokenColumns}`;
  const row = database.get(sql, name, role, tokenHash, createdAt, expiresAt ?? null, username);
  return row && tokenFrom(row);
}

/** Under its id; overwrites an existing one. */
export function putApiToken(database: Database, token: ApiToken): void {
  const { id, username, name, role, tokenHash, createdAt, expiresAt, lastUsedAt } = token;
  database.run(
    `insert or replace into api_tokens (${tokenColumns}) values (?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[id, username, name, role, tokenHash, createdAt, expiresAt ?? null, lastUsedAt ?? null],
  );
}

export function noteApiTokenUse(database: Database, id: number, at: EpochMillis): void {
  database.run('update api_tokens set last_used_at_millis = ? where id = ?', at, id);
}

export function deleteApiToken(database: Database, id: number): boolean {
  return database.run('delete from api_tokens where id = ?', id).changes > 0;
}

const auditColumns = 'id, at_millis, username, api_token, address, action, path, status, detail';

function auditFrom(row: Row): AuditEntry {
  return {
    id: Number(row['id']),
    at: Number(row['at_millis']),
    username: String(row['username']),
    apiToken: row['api_token'] === null ? undefined : String(row['api_token']),
    address: String(row['address']),
    action: String(row['action']),
    path: String(row['path']),
    status: Number(row['status']),
    detail: row['detail'] === null ? undefined : String(row['detail']),
  };
}

/** Within a transaction. */
export function addAuditEntries(database: Database, entries: readonly NewAuditEntry[]): void {
  for (const { at, username, apiToken, address, action, path, status, detail } of entries) {
    database.run(
      `insert into audit_entries (at_millis, username, api_token, address, action, path, status, detail)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[at, username, apiToken ?? null, address, action, path, status, detail ?? null],
    );
  }
}

export function listAuditEntries(
  database: Database,
  limit: number,
  { beforeId = Number.MAX_SAFE_INTEGER, username }: AuditFilter = {},
): readonly AuditEntry[] {
  const sql = `select ${auditColumns} from audit_entries
    where id < ?1 and (?2 is null or username = ?2) order by id desc limit ?3`;
  return database.all(sql, beforeId, username ?? null, limit).map(auditFrom);
}

/** By id from the one after `afterId`. */
export function readAuditPage(database: Database, afterId: number, limit: number): readonly AuditEntry[] {
  const sql = `select ${auditColumns} from audit_entries where id > ? order by id limit ?`;
  return database.all(sql, afterId, limit).map(auditFrom);
}

/** Within a transaction: under their ids; existing ones are left alone. */
export function putAuditEntries(database: Database, entries: readonly AuditEntry[]): void {
  for (const { id, at, username, apiToken, address, action, path, status, detail } of entries) {
    database.run(
      `insert into audit_entries (${auditColumns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
      ...[id, at, username, apiToken ?? null, address, action, path, status, detail ?? null],
    );
  }
}
