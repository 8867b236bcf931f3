import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';

const stored = z.object({ url: z.string(), username: z.string(), token: z.string() });
export type StoredToken = z.infer<typeof stored>;

/** Where a token came from: `pmd login`, or PMD_USERNAME and PMD_PASSWORD; a token from these is used only while they are set. */
export type TokenSource = 'login' | 'environment';

/** A token stored in the user's config folder with mode 0600; `undefined` if there is none. */
export async function readToken(folder: string, source: TokenSource): Promise<StoredToken | undefined> {
  try {
    return stored.parse(JSON.parse(await readFile(fileIn(folder, source), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeToken(folder: string, source: TokenSource, token: StoredToken): Promise<string> {
  const path = fileIn(folder, source);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Removed first, because an existing file would keep its mode.
  await rm(path, { force: true });
  await writeFile(path, `${JSON.stringify(token)}\n`, { mode: 0o600, flag: 'wx' });
  return path;
}

export async function removeToken(folder: string): Promise<void> {
  for (const source of ['login', 'environment'] as const) await rm(fileIn(folder, source), { force: true });
}

export function configFolder(): string {
  return envPaths('pingmedaddy', { suffix: '' }).config;
}

function fileIn(folder: string, source: TokenSource): string {
  return join(folder, source === 'login' ? 'credentials.json' : 'environment-session.json');
}
