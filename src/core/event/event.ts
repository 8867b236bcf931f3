import type { EpochMillis, SeriesKey, TargetId, VantageId } from '../ids.ts';

/**
 * What each type of event carries, typed and with its units; sentences are made where they are read (`describe-event.ts`). Null:
 * an event of an earlier version did not contain it.
 */
export interface EventData {
  readonly start: Readonly<Record<string, never>>;
  readonly stop: Readonly<Record<string, never>>;
  /** `by`: the name of the user, if known. */
  readonly delete: { readonly purged: boolean; readonly by?: string };
  /** `since`: when the first of the lost probes was sent. */
  readonly down: { readonly since: EpochMillis | null; readonly lostProbes: number | null };
  /** `downSeconds`: from the first lost probe to the first reply, exact to the millisecond. */
  readonly recovery: {
    readonly downSince: EpochMillis | null;
    readonly downSeconds: number | null;
    readonly lostProbes: number | null;
  };
  /** This machine cannot send. `reason` as `SendFailure`. */
  readonly 'not-sent': { readonly since: EpochMillis; readonly errno: number; readonly reason: string };
  readonly sent: { readonly notSentSince: EpochMillis };
  /** Results from `from` to `to` that were measured but could not be stored. */
  readonly gap: { readonly from: EpochMillis | null; readonly to: EpochMillis | null; readonly results: number | null };
  /** `ttl`: the first hop that answers from a different address; `before` and `after` are its addresses. */
  readonly 'path-change': {
    readonly ttl: number | null;
    readonly before: readonly string[] | null;
    readonly after: readonly string[] | null;
    readonly traceId: number | null;
  };
  readonly 'address-change': { readonly before: string | null; readonly after: string | null };
  readonly 'address-failure': { readonly reason: string | null };
  /** By the fields' external names and in their external units. */
  readonly update: { readonly changed: ChangedFields };
}

export type ChangedFields = Readonly<Record<string, { readonly before: ChangedValue; readonly after: ChangedValue }>>;
export type ChangedValue = string | number | boolean | readonly string[] | null;

export const eventTypes = [
  ...(['start', 'stop', 'down', 'recovery', 'not-sent', 'sent', 'update', 'delete', 'gap', 'path-change'] as const),
  /** The name of a target has another address, or no longer has a usable one. */
  ...(['address-change', 'address-failure'] as const),
] as const;
export type EventType = keyof EventData;

/** These were seen by one vantage point; all others are about the target as a whole. */
export const seenEventTypes = ['down', 'recovery', 'not-sent', 'sent', 'gap', 'path-change'] as const;
export type SeenEventType = (typeof seenEventTypes)[number];

export function isSeenEventType(type: EventType): type is SeenEventType {
  return seenEventTypes.some((each) => each === type);
}

interface EventOf<Type extends EventType> {
  readonly targetId: TargetId;
  /** Which vantage point saw it; null if it is about the target as a whole. */
  readonly vantage: VantageId | null;
  readonly type: Type;
  readonly data: EventData[Type];
  readonly createdAt: EpochMillis;
  /** An English sentence if it says more than the data; absent if `describeEvent` says everything. */
  readonly message?: string;
}

export type NewEvent = { [Type in EventType]: EventOf<Type> }[EventType];

/** `id` increases with every event of any target. */
export type TargetEvent = NewEvent & { readonly id: number };

/** About a target as a whole. */
export function eventOf<Type extends Exclude<EventType, SeenEventType>>(
  targetId: TargetId,
  type: Type,
  data: EventData[Type],
  createdAt: EpochMillis,
  message?: string,
): NewEvent {
  return newEvent({ targetId, vantage: null, type, data, createdAt }, message);
}

/** What one vantage point saw of a target. */
export function seenEvent<Type extends SeenEventType>(
  { targetId, vantage }: SeriesKey,
  type: Type,
  data: EventData[Type],
  createdAt: EpochMillis,
  message?: string,
): NewEvent {
  return newEvent({ targetId, vantage, type, data, createdAt }, message);
}

function newEvent<Type extends EventType>(
  event: Omit<EventOf<Type>, 'message'>,
  message: string | undefined,
): NewEvent {
  return { ...event, ...(message === undefined ? {} : { message }) } as unknown as NewEvent;
}
