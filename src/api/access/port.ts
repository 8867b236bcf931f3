import type { EpochMillis } from '../../core/ids.ts';
import type { Role } from '../../core/role.ts';
import type { User } from '../../storage/storage.ts';
import type { Line } from './password-hashing.ts';

/** The caller, identified by a session or an API token. */
export interface Caller {
  readonly username: string;
  readonly role: Role;
  /** `undefined`: an API token that does not expire. */
  readonly expiresAt: EpochMillis | undefined;
  /** Its name; `undefined`: a session. */
  readonly apiToken: string | undefined;
}

/** Who may do what, and changes to that. */
export interface Auth {
  /** Throws a Problem `not-authenticated` for wrong names and wrong passwords alike, in the same time. */
  login(
    username: string,
    password: string,
    line: Line,
  ): Promise<{ readonly token: string; readonly expiresInSeconds: number }>;
  /** Returns how many API tokens were revoked. */
  changePassword(username: string, passwords: PasswordChange): Promise<number>;
  hasDefaultPassword(username: string): Promise<boolean>;
  /** Serialised: runs while nobody else changes any access, and only if `token` is still valid then. */
  withAccess<T>(token: string, work: (users: UserChanges) => Promise<T>): Promise<T>;
  /** Announces that a user's rights have changed: open streams end. */
  endStreams(username: string): void;
  /** Called with the user name when that user's streams are to end. Returns a function that unsubscribes. */
  onAccessEnded(listener: (username: string) => void): () => void;
  /** Throws a Problem `not-authenticated` for anything that is not, or is no longer, a valid token. */
  verifyToken(token: string): Promise<Caller>;
}

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
  readonly endsApiTokens: boolean;
}

export interface UserChange extends Partial<Pick<User, 'passwordHash' | 'isSeeded' | 'role'>> {
  /** Revokes all API tokens of the user as well. */
  readonly endsApiTokens?: boolean;
}

export interface UserChanges {
  /** Changes a user and ends all their sessions. Throws a Problem `not-found` for an unknown name. */
  changeUser(username: string, change: UserChange): Promise<User>;
  /** Including sessions, API tokens and open streams. */
  deleteUser(username: string): Promise<void>;
}
