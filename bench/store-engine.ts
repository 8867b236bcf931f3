import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetId } from '../src/core/ids.ts';
import { openStorage, type Retention, type Storage } from '../src/storage/storage.ts';

/** A kind of database; each measurement gets an empty one. */
export interface Engine {
  readonly name: string;
  open(retention: Retention, now: () => number): Promise<OpenStore>;
}

export interface OpenStore extends AsyncDisposable {
  readonly storage: Storage;
  /** Closes the database and says how much of the disk it takes at rest. */
  closeAndMeasure(): Promise<number>;
}

export const keepForEver: Retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };
const onNotice = (message: string): void => void process.stderr.write(`${message}\n`);

export const sqlite: Engine = {
  name: 'SQLite',
  open: async (retention, now) => {
    const folder = mkdtempSync(join(tmpdir(), 'pmd-bench-'));
    const storage = await openStorage(`sqlite:${join(folder, 'bench.db')}`, { retention, now, onNotice });
    const dispose = async (): Promise<void> => {
      await storage[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    };
    return {
      storage,
      closeAndMeasure: async () => {
        await storage[Symbol.asyncDispose]();
        return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
      },
      [Symbol.asyncDispose]: dispose,
    };
  },
};

export async function addTargets(storage: Storage, count: number, createdAt: number): Promise<readonly TargetId[]> {
  const targets = Array.from({ length: count }, (_, index) => ({
    // Set aside for benchmarks by RFC 2544; nothing is ever sent there.
    ip: `198.18.${index >> 8}.${index & 255}`,
    intervalMillis: 1000,
    ...{ url: null, notes: null, isActive: false, isSynthetic: true },
  }));
  return (await storage.addTargets(targets, createdAt, 'bench')).map(({ id }) => id);
}

export async function maintainAll(storage: Storage, now: number, retention: Retention): Promise<void> {
  while ((await storage.maintain(now, retention)).hasMore);
}
