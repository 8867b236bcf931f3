import { Problem } from '../../core/problem.ts';
import type { NewTarget, Target } from '../../core/target/target.ts';
import type { TargetEdit } from '../../storage/storage.ts';

/** How much one server may be asked to probe; 0 for no limit. */
export interface ProbeLimits {
  readonly targetsMax: number;
  readonly probesPerSecondMax: number;
}

type Load = Pick<NewTarget, 'intervalMillis' | 'isActive' | 'isSynthetic'>;

function probesPerSecondOf(targets: readonly Load[]): number {
  return targets
    .filter(({ isActive, isSynthetic }) => isActive && !isSynthetic)
    .reduce((sum, { intervalMillis }) => sum + 1000 / intervalMillis, 0);
}

/** Throws a Problem `not-allowed` that names the setting when replacing `before` by `next` exceeds a limit. */
export function checkLimits(
  { targetsMax, probesPerSecondMax }: ProbeLimits,
  listed: readonly Target[],
  { before, next }: { readonly before: readonly Target[]; readonly next: readonly Load[] },
): void {
  const count = listed.length - before.length + next.length;
  if (targetsMax > 0 && count > targetsMax && next.length > before.length) {
    const message = `That would be ${count} targets; MAX_TARGETS of this server allows ${targetsMax}.`;
    throw new Problem('not-allowed', message);
  }
  const added = probesPerSecondOf(next) - probesPerSecondOf(before);
  const rate = probesPerSecondOf(listed) + added;
  if (probesPerSecondMax > 0 && added > 0 && rate > probesPerSecondMax) {
    const message = `That would be ${aboveText(rate)} probes a second; MAX_PROBES_PER_SECOND of this server allows ${probesPerSecondMax}.`;
    throw new Problem('not-allowed', message);
  }
}

/** Rounded up: a value slightly above the limit must not read as the limit itself. */
function aboveText(rate: number): string {
  // Sums of fractions such as 0.1 are not exact.
  return (Math.ceil(rate * 10 - 1e-6) / 10).toFixed(1);
}

/** What targets were and will be; a deleted one counts as none. */
export function loadOf(
  edits: readonly TargetEdit[],
  targets: readonly Target[],
): [readonly Target[], readonly Target[]] {
  const before = targets.filter(({ deletedAt }) => deletedAt === null);
  return [before, targets.map((target, index) => ({ ...target, ...edits[index]?.change }))];
}
