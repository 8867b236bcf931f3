import type { EpochMillis } from '../../core/ids.ts';
import type { Role } from '../../core/role.ts';

export interface User {
  readonly id: number;
  readonly username: string;
  readonly passwordHash: string;
  /** True until the user has chosen a password: it then follows ADMIN_PASSWORD at each start. */
  readonly isSeeded: boolean;
  /** When password or role were changed or the user signed out everywhere: sessions are bound to it. */
  readonly tokensEndedAt: EpochMillis;
  readonly role: Role;
  readonly createdAt: EpochMillis;
}

/** Access for a program, issued by a user; only the hash of the token is stored. */
export interface ApiToken {
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly role: Role;
  /** SHA-256 in hexadecimal: a token has 256 random bits, so no slow hash is needed. */
  readonly tokenHash: string;
  readonly createdAt: EpochMillis;
  readonly expiresAt: EpochMillis | undefined;
  /** To the minute. */
  readonly lastUsedAt: EpochMillis | undefined;
}
export type NewApiToken = Omit<ApiToken, 'id' | 'lastUsedAt'>;

/** What somebody did or was refused. */
export interface AuditEntry {
  readonly id: number;
  readonly at: EpochMillis;
  /** As entered, for a login attempt. */
  readonly username: string;
  /** The name of the API token that was used; `undefined` for a session. */
  readonly apiToken: string | undefined;
  readonly address: string;
  /** The id of the API's operation. */
  readonly action: string;
  /** The path with its query. */
  readonly path: string;
  readonly status: number;
  /** The body as JSON without secrets; `undefined` if there was none. */
  readonly detail: string | undefined;
}
export type NewAuditEntry = Omit<AuditEntry, 'id'>;

export interface AuditFilter {
  readonly beforeId?: number;
  readonly username?: string;
}

/** Who has access, and what they did. */
export interface Accounts {
  /** By name. */
  listUsers(): Promise<readonly User[]>;
  findUser(username: string): Promise<User | undefined>;
  /** Adds it, or overwrites the one with the same name. */
  saveUser(user: Omit<User, 'id'>): Promise<void>;
  /** With its API tokens; what it did stays in the audit log. */
  deleteUser(username: string): Promise<boolean>;
  /** In the order in which they were issued. */
  listApiTokens(): Promise<readonly ApiToken[]>;
  /** `undefined` if its user was deleted meanwhile. */
  addApiToken(token: NewApiToken): Promise<ApiToken | undefined>;
  noteApiTokenUse(id: number, at: EpochMillis): Promise<void>;
  deleteApiToken(id: number): Promise<boolean>;
  addAuditEntries(entries: readonly NewAuditEntry[]): Promise<void>;
  /** Newest first. */
  listAuditEntries(limit: number, filter?: AuditFilter): Promise<readonly AuditEntry[]>;
}
