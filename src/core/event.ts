import type { EpochMillis, TargetId } from './ids.ts';

export const eventTypes = [
  ...(['start', 'stop', 'down', 'recovery', 'update', 'delete', 'gap', 'path-change'] as const),
  /** The name of a target has another address, or has none that can be used any more. */
  ...(['address-change', 'address-failure'] as const),
] as const;
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
