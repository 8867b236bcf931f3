import type { OutageState } from './outage.ts';

export const targetStates = ['up', 'degraded', 'down', 'paused', 'pending', 'synthetic'] as const;
export type TargetState = (typeof targetStates)[number];

/** A single lost probe is the network's daily life; two in a row are worth a look. */
export const lossesUntilDegraded = 2;
export const degradedLossRatio = 0.02;

export interface StateFacts {
  readonly isActive: boolean;
  readonly isSynthetic: boolean;
  readonly outage: Pick<OutageState, 'phase' | 'consecutiveLosses'>;
  /** Of the last hour. */
  readonly lossCount: number;
  readonly sampleCount: number;
}

/**
 * The one rule for all screens, calls and commands. Degraded is a target that answers, but whose last two probes or more
 * were lost, or that lost more than 2 % of the last hour's probes, and at least two.
 */
export function stateOfTarget({ isActive, isSynthetic, outage, lossCount, sampleCount }: StateFacts): TargetState {
  if (isSynthetic) return 'synthetic';
  if (!isActive) return 'paused';
  switch (outage.phase) {
    case 'down':
      return 'down';
    case 'unknown':
      return 'pending';
    case 'up': {
      const isLossy = lossCount >= 2 && lossCount > degradedLossRatio * sampleCount;
      return outage.consecutiveLosses >= lossesUntilDegraded || isLossy ? 'degraded' : 'up';
    }
    default:
      return outage.phase satisfies never;
  }
}
