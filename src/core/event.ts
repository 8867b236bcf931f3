import type { EpochMillis, TargetId } from './ids.ts';

export const eventTypes = ['start', 'stop', 'down', 'recovery', 'update', 'delete', 'gap', 'path-change'] as const;
export type EventType = (typeof eventTypes)[number];

export interface NewEvent {
  readonly targetId: TargetId;
  readonly type: EventType;
  readonly message: string;
  readonly createdAt: EpochMillis;
}

export interface TargetEvent extends NewEvent {
  /** Grows with every event of any target. */
  readonly id: number;
}
