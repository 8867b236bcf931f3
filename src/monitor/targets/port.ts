import type { TargetId } from '../../core/ids.ts';
import type { ProbePolicy } from '../../core/target/probe-policy.ts';
import type { Target } from '../../core/target/target.ts';
import type { Prober } from '../../probe/probe.ts';
import type { Clock, Recorder } from '../../recording/recording.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Feed } from '../feed.ts';
import type { TargetStates } from '../outages/target-states.ts';
import type { ProbeLimits } from './limits.ts';
import type { AddedTargets, AskedTarget, NameAnswer, Names } from './names.ts';
import type { BulkChange, BulkOutcome, TargetUpdate } from './target-changes.ts';

/** Every change to what is probed: decided here, then passed to storage, prober and feed, one after the other. */
export interface Targets {
  /** Throws a Problem `target-exists`, `not-allowed` when the probe policy forbids the address, or `name-unresolved`. */
  add(target: AskedTarget): Promise<Target>;
  /**
   * Leaves out those that exist or come twice; the rest is one commit, except for names without a usable address. The caller has
   * checked the policy for addresses.
   */
  addMissing<Asked extends AskedTarget>(targets: readonly Asked[]): Promise<AddedTargets<Asked>>;
  change(id: TargetId, change: TargetUpdate): Promise<Target>;
  /** The same for many, as one commit. The returned ids leave out unknown targets and those that need no change. */
  changeMany(ids: readonly TargetId[], change: BulkChange): Promise<BulkOutcome>;
  pause(id: TargetId): Promise<Target>;
  resume(id: TargetId): Promise<Target>;
  /** Removes it from the list; the history stays. `by`: the name of the user. */
  remove(id: TargetId, by: string): Promise<Target>;
  /** Restores a deleted target as it was; one that is not deleted stays as it is. */
  restore(id: TargetId): Promise<Target>;
  /** Erases a target, deleted or not, for good. */
  purge(id: TargetId): Promise<Target>;
  /** Applies a resolved name: another address is used from the next probe on. */
  onAnswer(id: TargetId, hostname: string, answer: NameAnswer): Promise<void>;
  /** Throws a Problem `not-allowed` when the probe policy forbids the address. */
  checkPolicy(ip: string): void;
  /**
   * Checks that packets may go to a target; throws a Problem as `checkPolicy` does, or `invalid-input` when its history is
   * synthetic.
   */
  checkProbed(target: Target): void;
}

export interface TargetsDependencies {
  readonly storage: Storage;
  readonly prober: Prober;
  readonly recorder: Recorder;
  readonly states: Pick<TargetStates, 'begin' | 'forget'>;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly names: Names;
  readonly policy: ProbePolicy;
  readonly limits: ProbeLimits;
}
