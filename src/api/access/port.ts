import type { EpochMillis } from '../../core/ids.ts';
import type { Role } from '../../core/role.ts';
import type { User } from '../../storage/storage.ts';
import type { Line } from './password-hashing.ts';

/** Who calls, by a session or by an API token. */
export interface Caller {
  readonly username: string;
  readonly role: Role;
  /** `undefined`: an API token that does not expire. */
  readonly expiresAt: EpochMillis | undefined;
  /** Its name; `undefined`: a session. */
  readonly apiToken: string | undefined;
}

/** Who may do what, and the changes to it. */
export interface Auth {
  /** A Problem `not-authenticated` for a wrong name as for a wrong password, in the same time. */
  login(
    username: string,
    password: string,
    line: Line,
  ): Promise<{ readonly token: string; readonly expiresInSeconds: number }>;
  /** How many API tokens were revoked. */
  changePassword(username: string, passwords: PasswordChange): Promise<number>;
  hasDefaultPassword(username: string): Promise<boolean>;
  /** One after the other: does it while nobody else changes anybody's access, if `token` still counts then. */
  withAccess<T>(token: string, work: (users: UserChanges) => Promise<T>): Promise<T>;
  /** Tells that what a user may do has changed: open streams end. */
  endStreams(username: string): void;
  /** Called with the user name when streams of a user are to end. Returns what ends the subscription. */
  onAccessEnded(listener: (username: string) => void): () => void;
  /** A Problem `not-authenticated` for whatever is no token of ours, or no longer one. */
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
  /** Changes a user and ends every session; a Problem `not-found` for a name that nobody has. */
  changeUser(username: string, change: UserChange): Promise<User>;
  /** With sessions, API tokens and open streams. */
  deleteUser(username: string): Promise<void>;
}
