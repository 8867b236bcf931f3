import type { User } from '../storage.ts';
import type { Database, Row } from './database.ts';

const columns = 'id, username, password_hash, is_seeded, password_changed_at_millis';

function userFrom(row: Row): User {
  return {
    id: Number(row['id']),
    username: String(row['username']),
    passwordHash: String(row['password_hash']),
    isSeeded: row['is_seeded'] === 1,
    tokensEndedAt: Number(row['password_changed_at_millis']),
  };
}

export function listUsers(database: Database): readonly User[] {
  return database.all(`select ${columns} from users order by id`).map(userFrom);
}

export function findUser(database: Database, username: string): User | undefined {
  const row = database.get(`select ${columns} from users where username = ?`, username);
  return row && userFrom(row);
}

export function saveUser(database: Database, user: Omit<User, 'id'>): void {
  const { username, passwordHash, isSeeded, tokensEndedAt } = user;
  database.run(
    `insert into users (username, password_hash, is_seeded, password_changed_at_millis) values (?, ?, ?, ?)
     on conflict (username) do update set password_hash = excluded.password_hash, is_seeded = excluded.is_seeded,
       password_changed_at_millis = excluded.password_changed_at_millis`,
    ...[username, passwordHash, isSeeded ? 1 : 0, tokensEndedAt],
  );
}
