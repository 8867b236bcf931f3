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

/** Every change to what is probed: decided here, told to storage, prober and feed, one after the other. */
export interface Targets {
  /** A Problem `target-exists` when it is there already, `not-allowed` when the probe policy forbids the address, `name-unresolved`. */
  add(target: AskedTarget): Promise<Target>;
  /**
   * Leaves out those that are there already or come twice; the rest is one commit, but for names without an address that
   * may be used. The caller has checked the policy for addresses.
   */
  addMissing<Asked extends AskedTarget>(targets: readonly Asked[]): Promise<AddedTargets<Asked>>;
  change(id: TargetId, change: TargetUpdate): Promise<Target>;
  /** The same to many, as one commit. Unknown ids and what needs no change are left out of the ids it returns. */
  changeMany(ids: readonly TargetId[], change: BulkChange): Promise<BulkOutcome>;
  pause(id: TargetId): Promise<Target>;
  resume(id: TargetId): Promise<Target>;
  /** Leaves the list; the history stays. `by`: the name of the user. */
  remove(id: TargetId, by: string): Promise<Target>;
  /** Brings a deleted one back as it was; one that is not deleted stays as it is. */
  restore(id: TargetId): Promise<Target>;
  /** Erases a target, deleted or not, for good. */
  purge(id: TargetId): Promise<Target>;
  /** Takes what a name has come to: another address is used from the next probe on. */
  onAnswer(id: TargetId, hostname: string, answer: NameAnswer): Promise<void>;
  /** A Problem `not-allowed` when the probe policy forbids the address. */
  checkPolicy(ip: string): void;
  /** That packets may go to a target: a Problem as `checkPolicy`, or `invalid-input` when its history is synthetic. */
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
