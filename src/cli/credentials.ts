import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';

const stored = z.object({ url: z.string(), token: z.string() });
export type StoredToken = z.infer<typeof stored>;

/** The token of the last `pmd login`, in the user's config folder with mode 0600; `undefined` when there is none. */
export async function readToken(folder: string): Promise<StoredToken | undefined> {
  try {
    return stored.parse(JSON.parse(await readFile(fileIn(folder), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeToken(folder: string, token: StoredToken): Promise<string> {
  const path = fileIn(folder);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Removed first: the mode of a file that exists already would stay as it is.
  await rm(path, { force: true });
  await writeFile(path, `${JSON.stringify(token)}\n`, { mode: 0o600, flag: 'wx' });
  return path;
}

export async function removeToken(folder: string): Promise<void> {
  await rm(fileIn(folder), { force: true });
}

export function configFolder(): string {
  return envPaths('pingmedaddy', { suffix: '' }).config;
}

function fileIn(folder: string): string {
  return join(folder, 'credentials.json');
}
