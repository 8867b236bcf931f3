import { Problem } from '../../core/problem.ts';
import { createConcurrencyLimit } from '../../monitor/monitor.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

/** Each hash takes a core and 19 MiB for some 30 ms by design; guesses must not take them from probing and storage. */
const atOnceMaxOfALine = 1;
const waitingMax = 200;
const timeoutMillis = 10_000;

/** `known`: the caller is logged in, or calls from an address that has logged in before; these do not wait behind guesses. */
export type Line = 'known' | 'unknown';

export interface PasswordHashing {
  hash(password: string): Promise<string>;
  verify(passwordHash: string, password: string, line: Line): Promise<boolean>;
}

const argon2id = { hash: hashPassword, verify: verifyPassword };

/** Argon2id, two at a time, one from each queue. Throws a Problem `too-many-requests` when a queue is full. */
export function limitHashing({ hash, verify } = argon2id): PasswordHashing {
  const lines = {
    known: createConcurrencyLimit(atOnceMaxOfALine, waitingMax),
    unknown: createConcurrencyLimit(atOnceMaxOfALine, waitingMax),
  };
  const never = new AbortController().signal;

  async function inTurn<T>(line: Line, work: () => Promise<T>): Promise<T> {
    const release = await lines[line].take(timeoutMillis, never);
    if (release === undefined) {
      throw new Problem('too-many-requests', 'Very many passwords are being checked; try again in 5 s.', {
        retryAfterSeconds: 5,
      });
    }
    try {
      return await work();
    } finally {
      release();
    }
  }

  return {
    hash: (password) => inTurn('known', () => hash(password)),
    verify: (passwordHash, password, line) => inTurn(line, () => verify(passwordHash, password)),
  };
}
