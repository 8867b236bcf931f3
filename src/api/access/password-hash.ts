import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type PasswordHash,
  formatPasswordHash,
  parsePasswordHash,
  passwordHashFault,
} from '../../core/password-hash.ts';

const derive = promisify(argon2);

/** The minimum costs that OWASP recommends, and the salt and tag lengths of RFC 9106. */
const costs = { variant: 'argon2id', memoryKibibytes: 19 * 1024, passes: 2, lanes: 1 } as const;
const saltBytes = 16;
const tagBytes = 32;

/** On a thread of libuv's pool. */
function tagOf(password: string, { variant, ...of }: Omit<PasswordHash, 'tag'>, tagLength: number): Promise<Buffer> {
  return derive(variant, {
    message: password,
    nonce: of.salt,
    memory: of.memoryKibibytes,
    passes: of.passes,
    parallelism: of.lanes,
    tagLength,
  });
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  return formatPasswordHash({ ...costs, salt, tag: await tagOf(password, { ...costs, salt }, tagBytes) });
}

/** A damaged hash matches no password; the log at startup names the user. */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  if (passwordHashFault(passwordHash) !== undefined) return false;
  const hash = parsePasswordHash(passwordHash);
  return timingSafeEqual(await tagOf(password, hash, hash.tag.length), hash.tag);
}
