import type { EpochMillis } from '../../core/ids.ts';
import type { Accounts, ApiToken, NewApiToken, User } from '../../storage/storage.ts';

/** The accounts in the storage as this server knows them. No other process changes them. */
export interface AccountCache {
  findUser(username: string): Promise<User | undefined>;
  listUsers(): Promise<readonly User[]>;
  saveUser(user: Omit<User, 'id'>): Promise<void>;
  /** With its API tokens. */
  deleteUser(username: string): Promise<boolean>;
  findApiToken(tokenHash: string): Promise<ApiToken | undefined>;
  listApiTokens(): Promise<readonly ApiToken[]>;
  addApiToken(token: NewApiToken): Promise<ApiToken | undefined>;
  deleteApiToken(token: ApiToken): Promise<void>;
  /** For one user; returns how many there were. */
  deleteApiTokensOf(username: string): Promise<number>;
  /** Written at most once a minute per token, without waiting for it. */
  noteApiTokenUse(token: ApiToken, at: EpochMillis): void;
}

const useNotedMillis = 60_000;

/**
 * All users and API tokens, read once: tokens must remain valid while the database is unavailable, because that is when people
 * ask what is wrong. Unknown names and tokens are recognised without a query, so the answers of an unavailable database never
 * reveal who has an account.
 */
export function cacheAccounts(storage: Accounts): AccountCache {
  const readUsers = readOnce(async () => new Map((await storage.listUsers()).map((user) => [user.username, user])));
  const readTokens = readOnce(
    async () => new Map((await storage.listApiTokens()).map((token) => [token.tokenHash, token])),
  );
  /** Names with a change that is, or may be, in progress. */
  const unsure = new Set<string>();
  let changes = 0;

  async function change<T>(username: string, work: () => Promise<T>): Promise<T> {
    changes++;
    unsure.add(username);
    return work().finally(() => changes++);
  }

  async function forgetToken(tokenHash: string): Promise<void> {
    (await readTokens()).delete(tokenHash);
  }

  async function deleteApiToken({ id, tokenHash }: ApiToken): Promise<void> {
    await storage.deleteApiToken(id);
    await forgetToken(tokenHash);
  }

  return {
    async findUser(username) {
      const known = await readUsers();
      if (!unsure.has(username)) return known.get(username);
      const before = changes;
      const user = await storage.findUser(username);
      // What was read during a change may be out of date.
      if (before !== changes) return user;
      unsure.delete(username);
      if (user === undefined) known.delete(username);
      else known.set(username, user);
      return user;
    },
    listUsers: () => storage.listUsers(),
    saveUser: (user) => change(user.username, () => storage.saveUser(user)),
    async deleteUser(username) {
      const isDeleted = await change(username, () => storage.deleteUser(username));
      for (const [tokenHash, token] of await readTokens())
        if (token.username === username) await forgetToken(tokenHash);
      return isDeleted;
    },
    findApiToken: async (tokenHash) => (await readTokens()).get(tokenHash),
    listApiTokens: async () => [...(await readTokens()).values()],
    async addApiToken(token) {
      const added = await storage.addApiToken(token);
      if (added !== undefined) (await readTokens()).set(added.tokenHash, added);
      return added;
    },
    deleteApiToken,
    async deleteApiTokensOf(username) {
      const theirs = [...(await readTokens()).values()].filter((token) => token.username === username);
      for (const token of theirs) await deleteApiToken(token);
      return theirs.length;
    },
    noteApiTokenUse(token, at) {
      if (token.lastUsedAt !== undefined && at < token.lastUsedAt + useNotedMillis) return;
      const note = async (): Promise<void> => {
        const known = await readTokens();
        // Noted before it is written, so that only one of many simultaneous calls writes.
        if (known.has(token.tokenHash)) known.set(token.tokenHash, { ...token, lastUsedAt: at });
        await storage.noteApiTokenUse(token.id, at);
      };
      // The database may be unavailable; a use that could not be written is recorded a minute later by the next one.
      void note().catch(() => {});
    },
  };
}

/** Reads once, and again only after a failure. */
function readOnce<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    const current = (reading ??= read());
    return current.catch((error: unknown) => {
      if (reading === current) reading = undefined;
      throw error;
    });
  };
}
