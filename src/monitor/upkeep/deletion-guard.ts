import type { Retention } from '../../storage/storage.ts';
import type { HistoryClock } from '../clock.ts';

const dayMillis = 86_400_000;
/** 0 keeps for ever. */
const keepAll: Retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };

export interface DeletionGuardOptions {
  readonly clock: Pick<HistoryClock, 'now' | 'wall'>;
  readonly retention: Retention;
  readonly onNotice: (message: string) => void;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic?: () => number;
}

/**
 * The retention in effect now. A clock that leapt by more than a day may be wrong, and deleted data does not come back: for a day
 * nothing is deleted by age, nor as long as the newest results are more than a day ahead of the clock.
 */
export function createDeletionGuard(options: DeletionGuardOptions): () => Retention {
  const { clock, retention, onNotice, monotonic = () => performance.now() } = options;
  let offset = clock.wall() - monotonic();
  let doubtedUntil = Number.NEGATIVE_INFINITY;
  return () => {
    const at = monotonic();
    const leapMillis = clock.wall() - at - offset;
    offset += leapMillis;
    if (leapMillis > dayMillis) {
      doubtedUntil = at + dayMillis;
      const days = (leapMillis / dayMillis).toFixed(1);
      onNotice(`The clock went forward by ${days} days: nothing is deleted by age for a day, in case it is wrong.`);
    }
    return at < doubtedUntil || clock.now() - clock.wall() > dayMillis ? keepAll : retention;
  };
}
