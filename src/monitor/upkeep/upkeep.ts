import { messageOf } from '../../core/problem.ts';
import type { Retention, Storage } from '../../storage/storage.ts';
import type { HistoryClock } from '../clock.ts';
import { createDeletionGuard } from './deletion-guard.ts';

const everyMillis = 10_000;
/** Between two slices, so that commits and queries get their turn. */
const pauseMillis = 5;

export interface Upkeep extends AsyncDisposable {
  /** What went wrong the last time, if anything did. */
  failure(): string | undefined;
}

/** Seals, rolls up and deletes by age, for as long as the server runs. */
export function startUpkeep(dependencies: {
  readonly storage: Storage;
  readonly retention: Retention;
  readonly clock: HistoryClock;
  readonly onNotice: (message: string) => void;
}): Upkeep {
  const { storage, clock, onNotice } = dependencies;
  const retentionNow = createDeletionGuard(dependencies);
  const stopping = new AbortController();
  let failure: string | undefined;

  async function runSlices(): Promise<void> {
    try {
      while (!stopping.signal.aborted && (await storage.maintain(clock.now(), retentionNow())).hasMore) {
        await clock.sleep(pauseMillis, stopping.signal);
      }
      failure = undefined;
    } catch (error) {
      const why = messageOf(error);
      if (failure === undefined) onNotice(`Sealing and retention failed and will be tried again: ${why}`);
      failure = why;
    }
  }

  async function runUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      await runSlices();
      await clock.sleep(everyMillis, stopping.signal);
    }
  }
  const running = runUntilStopped();
  return {
    failure: () => failure,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}
