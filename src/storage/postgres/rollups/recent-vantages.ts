import type { TargetId, VantageId } from '../../../core/ids.ts';
import { RecentMinutes } from './recent-minutes.ts';

/** The last hour as each vantage point saw it. */
export class RecentVantages {
  readonly #recent = new Map<VantageId, RecentMinutes>();

  of(vantage: VantageId): RecentMinutes {
    let recent = this.#recent.get(vantage);
    if (recent === undefined) this.#recent.set(vantage, (recent = new RecentMinutes()));
    return recent;
  }

  /** New targets, of which there is nothing to read. */
  followNew(ids: readonly TargetId[]): void {
    for (const recent of this.#recent.values()) recent.follow(ids, false);
  }

  /** Whatever is cached of these, from any vantage point. */
  forget(ids: readonly TargetId[]): void {
    for (const recent of this.#recent.values()) recent.forget(ids);
  }
}
