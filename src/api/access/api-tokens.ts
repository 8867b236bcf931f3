import { createHash, randomBytes } from 'node:crypto';
import type { EpochMillis } from '../../core/ids.ts';
import { Problem } from '../../core/problem.ts';
import { lowerRole } from '../../core/role.ts';
import type { Caller } from './port.ts';
import type { AccountCache } from './account-cache.ts';

const prefix = 'pmd_';
const tokenBytes = 32;

export function isApiToken(token: string): boolean {
  return token.startsWith(prefix);
}

export function hashApiToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** A new token and what is stored of it. */
export function createApiToken(): { readonly token: string; readonly tokenHash: string } {
  const token = prefix + randomBytes(tokenBytes).toString('base64url');
  return { token, tokenHash: hashApiToken(token) };
}

/** Throws a Problem `not-authenticated` for a token that never existed, was revoked or has expired. */
export async function verifyApiToken(accounts: AccountCache, token: string, now: EpochMillis): Promise<Caller> {
  const known = await accounts.findApiToken(hashApiToken(token));
  const user = known && (await accounts.findUser(known.username));
  if (known === undefined || user === undefined) {
    throw new Problem('not-authenticated', 'The API token is unknown or was revoked.');
  }
  if (known.expiresAt !== undefined && known.expiresAt <= now) {
    throw new Problem('not-authenticated', `The API token ${known.name} has expired.`);
  }
  accounts.noteApiTokenUse(known, now);
  const { username } = user;
  return { username, role: lowerRole(known.role, user.role), expiresAt: known.expiresAt, apiToken: known.name };
}
