import type { EpochMillis } from '../../core/ids.ts';
import { outcomeCodes } from '../../core/result/probe-result.ts';
import type { Clock } from '../../recording/recording.ts';
import type { Feed } from '../feed.ts';

const windowMillis = 60_000;

/** How many targets this machine failed to send to within the last minute. */
export interface NotSentWatch {
  recentTargets(): number;
}

export function createNotSentWatch(feed: Pick<Feed, 'subscribe'>, clock: Pick<Clock, 'now'>): NotSentWatch {
  const lastAt = new Map<number, EpochMillis>();
  feed.subscribe({
    onResults: (batch) => {
      for (let index = 0; index < batch.length; index++) {
        if (batch.outcomes[index] === outcomeCodes['not-sent']) lastAt.set(batch.targetIds[index] ?? 0, clock.now());
      }
    },
  });
  return {
    recentTargets() {
      const from = clock.now() - windowMillis;
      for (const [id, at] of lastAt) if (at < from) lastAt.delete(id);
      return lastAt.size;
    },
  };
}
