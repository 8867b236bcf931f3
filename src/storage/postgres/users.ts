import type { User } from '../storage.ts';
import type { Queries, Row } from './connection.ts';
import { millisOf, numberIn, timestamp } from './sql-values.ts';

const columns = `id, username, password_hash, is_seeded,
  ${millisOf('password_changed_at')} as password_changed_at_millis`;

function userFrom(row: Row): User {
  return {
    id: numberIn(row, 'id'),
    username: String(row['username']),
    passwordHash: String(row['password_hash']),
    isSeeded: row['is_seeded'] === true,
    tokensEndedAt: numberIn(row, 'password_changed_at_millis'),
  };
}

export async function listUsers(queries: Queries): Promise<readonly User[]> {
  return (await queries.all(`select ${columns} from pmd.users order by id`)).map(userFrom);
}

export async function findUser(queries: Queries, username: string): Promise<User | undefined> {
  const [row] = await queries.all(`select ${columns} from pmd.users where username = $1`, [username]);
  return row && userFrom(row);
}

export async function saveUser(queries: Queries, user: Omit<User, 'id'>): Promise<void> {
  const { username, passwordHash, isSeeded, tokensEndedAt } = user;
  await queries.all(
    `insert into pmd.users (username, password_hash, is_seeded, password_changed_at) values ($1, $2, $3, $4)
     on conflict (username) do update set password_hash = excluded.password_hash, is_seeded = excluded.is_seeded,
       password_changed_at = excluded.password_changed_at`,
    [username, passwordHash, isSeeded, timestamp(tokensEndedAt)],
  );
}
