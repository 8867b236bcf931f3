import type { User } from '../storage/account.ts';
import type { Storage } from '../storage/storage.ts';

export type Users = Pick<Storage, 'findUser' | 'saveUser'>;

/**
 * The storage's users, remembered once they were found: a token must count while the database is away, for what is the
 * matter then is asked for with it. This server alone changes users, and forgets whom it changes.
 */
export function rememberUsers(storage: Users): Users {
  const known = new Map<string, User>();
  let changes = 0;
  return {
    async findUser(username) {
      const remembered = known.get(username);
      if (remembered !== undefined) return remembered;
      const before = changes;
      const user = await storage.findUser(username);
      // What was read while a change was under way may be out of date.
      if (user !== undefined && before === changes) known.set(username, user);
      return user;
    },
    async saveUser(user) {
      changes++;
      known.delete(user.username);
      await storage.saveUser(user).finally(() => changes++);
    },
  };
}
