import { hash, verify } from '@node-rs/argon2';
import { Problem } from '../core/problem.ts';

/** Each takes a core and 19 MiB for some 20 ms on purpose: guesses must not take them from probing and storage. */
const atOnceMax = 2;
const waitingMax = 200;

export interface PasswordHashing {
  hash(password: string): Promise<string>;
  verify(passwordHash: string, password: string): Promise<boolean>;
}

/** Argon2id, two at a time; a Problem `too-many-requests` when very many wait already. */
export function limitHashing(): PasswordHashing {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnceMax) {
      if (waiting.length >= waitingMax) {
        throw new Problem('too-many-requests', 'Very many passwords are being checked; try again in 5 s.', {
          retryAfterSeconds: 5,
        });
      }
      // Whoever ends passes the turn on: `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  return {
    hash: (password) => inTurn(() => hash(password)),
    verify: (passwordHash, password) => inTurn(() => verify(passwordHash, password)),
  };
}
