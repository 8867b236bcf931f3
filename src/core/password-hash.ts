import { DamagedBytesError } from './bytes/bytes.ts';

const variants = ['argon2id', 'argon2i', 'argon2d'] as const;

/** A parsed password hash: `tag` is what Argon2 derives from the password and everything else. */
export interface PasswordHash {
  readonly variant: (typeof variants)[number];
  readonly memoryKibibytes: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

/** RFC 9106; version 16 is a draft of it. */
const version = 19;
/** Ours cost 19456 KiB, 2 passes and 1 lane. A damaged digit must not cost gigabytes or minutes. */
const memoryMaxKibibytes = 256 * 1024;
const passesMax = 16;
const lanesMax = 16;

/** As a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$SALT$TAG`, both in base64 without padding. */
export function formatPasswordHash({ variant, memoryKibibytes, passes, lanes, salt, tag }: PasswordHash): string {
  const costs = `m=${memoryKibibytes},t=${passes},p=${lanes}`;
  return ['', variant, `v=${version}`, costs, unpaddedBase64(salt), unpaddedBase64(tag)].join('$');
}

/**
 * Throws `DamagedBytesError` for anything that `formatPasswordHash` cannot have written; the message contains nothing of salt or
 * tag.
 */
export function parsePasswordHash(text: string): PasswordHash {
  const [before, name, versionText = '', costs = '', salt = '', tag = '', ...more] = text.split('$');
  const variant = variants.find((each) => each === name);
  if (before !== '' || variant === undefined) throw new DamagedBytesError('It begins as no Argon2 hash does.');
  if (more.length > 0) throw new DamagedBytesError('It goes on behind its tag.');
  if (versionText !== `v=${version}`) throw new DamagedBytesError(`It is not of version ${version} of Argon2.`);
  const [, memory, passes, lanes] = /^m=([1-9]\d*),t=([1-9]\d*),p=([1-9]\d*)$/.exec(costs) ?? [];
  if (lanes === undefined) throw new DamagedBytesError('Its costs are not m=…,t=…,p=… in whole numbers.');
  return {
    variant,
    lanes: within('lanes', Number(lanes), 1, lanesMax),
    memoryKibibytes: within('KiB of memory', Number(memory), 8 * Number(lanes), memoryMaxKibibytes),
    passes: within('passes', Number(passes), 1, passesMax),
    salt: bytesOf('salt', salt, 8),
    tag: bytesOf('tag', tag, 16),
  };
}

/** Why it cannot be read, as a sentence; `undefined` if it can. */
export function passwordHashFault(text: string): string | undefined {
  try {
    parsePasswordHash(text);
    return undefined;
  } catch (error) {
    if (error instanceof DamagedBytesError) return error.message;
    throw error;
  }
}

function within(unit: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new DamagedBytesError(`It costs ${value} ${unit}, which is not within ${min} to ${max}.`);
}

const unpaddedBase64 = (bytes: Uint8Array): string => bytes.toBase64({ omitPadding: true });

function bytesOf(part: string, text: string, lengthMin: number): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw new DamagedBytesError(`Its ${part} is no base64 without padding.`);
  if (bytes.length >= lengthMin && bytes.length <= 64) return bytes;
  throw new DamagedBytesError(`Its ${part} has ${bytes.length} bytes, which is not within ${lengthMin} to 64.`);
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text);
    // The decoder accepts spaces, padding and surplus bits; two different texts must not be the same hash.
    return unpaddedBase64(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
