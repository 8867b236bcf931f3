import * as argon2 from '@node-rs/argon2';
import { Problem } from '../core/problem.ts';
import { createSlots } from '../monitor/monitor.ts';

/** Each takes a core and 19 MiB for some 20 ms on purpose: guesses must not take them from probing and storage. */
const atOnceMax = 2;
const waitingMax = 200;
const patienceMillis = 10_000;

export interface PasswordHashing {
  hash(password: string): Promise<string>;
  verify(passwordHash: string, password: string): Promise<boolean>;
}

const argon2id: PasswordHashing = {
  hash: (password) => argon2.hash(password),
  verify: (passwordHash, password) => argon2.verify(passwordHash, password),
};

/** Argon2id, two at a time; a Problem `too-many-requests` when very many wait already. */
export function limitHashing({ hash, verify } = argon2id): PasswordHashing {
  const slots = createSlots(atOnceMax, waitingMax);
  const never = new AbortController().signal;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const release = await slots.take(patienceMillis, never);
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
    hash: (password) => inTurn(() => hash(password)),
    verify: (passwordHash, password) => inTurn(() => verify(passwordHash, password)),
  };
}
