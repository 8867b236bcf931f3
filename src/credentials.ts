import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { hashPassword, verifyPassword } from './api/api.ts';
import { type Config, isLoopback } from './config.ts';
import { defaultPassword } from './core/default-password.ts';
import { passwordHashFault } from './core/password-hash.ts';
import { Problem } from './core/problem.ts';
import type { Storage } from './storage/storage.ts';

/** Creates the first user. If its password was never chosen by hand, it follows ADMIN_PASSWORD. */
export async function seedAdministrator({
  storage,
  config,
  now,
  onNotice,
}: {
  readonly storage: Storage;
  readonly config: Config;
  readonly now: () => number;
  readonly onNotice: (message: string) => void;
}): Promise<void> {
  const { adminUsername: username, adminPassword } = config;
  const user = await storage.findUser(username);
  // An administrator who was removed on purpose stays removed.
  if (user === undefined && (await storage.listUsers()).some(({ isSeeded }) => !isSeeded)) return;
  if (user === undefined || (user.isSeeded && !(await verifyPassword(user.passwordHash, adminPassword)))) {
    const passwordHash = await hashPassword(adminPassword);
    await storage.saveUser({
      username,
      passwordHash,
      isSeeded: true,
      tokensEndedAt: now(),
      role: 'admin',
      createdAt: user?.createdAt ?? now(),
    });
  }
  // Not only under this name: the first user may have been created, and still exist, under another ADMIN_USERNAME.
  for (const { username: name, isSeeded, passwordHash } of await storage.listUsers()) {
    const fault = passwordHashFault(passwordHash);
    if (fault !== undefined) {
      const remedy = 'an admin sets a new one with pmd user update, or a backup is restored with pmd restore';
      onNotice(
        `The database is damaged: the password of ${name} cannot be read. ${fault} ${name} cannot log in until ${remedy}.`,
      );
      continue;
    }
    if (!(isSeeded || name === username) || !(await verifyPassword(passwordHash, defaultPassword))) continue;
    if (!isLoopback(config.host)) {
      const remedy =
        name === username
          ? `set ADMIN_PASSWORD before listening on ${config.host}`
          : `before listening on ${config.host}, start once with APP_HOST=127.0.0.1 and change it or remove the user`;
      throw new Problem('invalid-setting', `The password of ${name} is still ${defaultPassword}; ${remedy}.`);
    }
    onNotice(
      `User ${JSON.stringify(name)} still has the default password ${JSON.stringify(defaultPassword)}. Change it before exposing this server to a network.`,
    );
  }
}

/** The secret that signs tokens: from the settings, otherwise generated once and stored beside the data with mode 0600. */
export async function openAuthSecret(config: Config, folder: string): Promise<string> {
  if (config.authSecret !== undefined) return config.authSecret;
  const path = secretPath(config.databaseUrl, folder);
  try {
    const file = await open(path, 'wx', 0o600);
    await using _ = file;
    const secret = randomBytes(32).toString('base64url');
    await file.writeFile(secret);
    await file.sync();
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      const message = `The secret that signs tokens cannot be kept in ${path}; set AUTH_SECRET or make the folder writable.`;
      throw new Problem('invalid-setting', message, { cause: error });
    }
  }
  const secret = (await readFile(path, 'utf8')).trim();
  if (secret !== '') return secret;
  throw new Problem('invalid-setting', `${path} is empty; delete it to have a new secret generated.`);
}

function secretPath(databaseUrl: string, folder: string): string {
  const file = /^sqlite(?:\+aiosqlite)?:(?:\/\/\/)?(.+)$/.exec(databaseUrl)?.[1];
  return resolve(folder, file === undefined ? 'pingmedaddy.secret' : `${file}.secret`);
}
