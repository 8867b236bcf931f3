import { Problem } from '../../core/problem.ts';
import { createConcurrencyLimit } from '../../monitor/monitor.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

/** Each takes a core and 19 MiB for some 30 ms on purpose: guesses must not take them from probing and storage. */
const atOnceMaxOfALine = 1;
const waitingMax = 200;
const timeoutMillis = 10_000;

/** `known`: for somebody who is in, or comes from where somebody has come in before; these wait for no guesses. */
export type Line = 'known' | 'unknown';

export interface PasswordHashing {
  hash(password: string): Promise<string>;
  verify(passwordHash: string, password: string, line: Line): Promise<boolean>;
}

const argon2id = { hash: hashPassword, verify: verifyPassword };

/** Argon2id, two at a time, one of each line; a Problem `too-many-requests` when very many of a line wait already. */
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
