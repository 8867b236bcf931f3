import { type EventData, type EventType, isSeenEventType, type NewEvent } from '../event/event.ts';
import type { EpochMillis, VantageId } from '../ids.ts';
import type { StoredState } from './live-state.ts';
import type { Outage } from './outage.ts';

/** An event as 1.0.0-rc.1 stored and spooled it: a sentence without data. */
export type OldEvent = Pick<NewEvent, 'targetId' | 'createdAt'> & {
  readonly type: EventType;
  readonly message: string;
};

/**
 * Extracts the data of an event from its sentence. Used by the migration and for commits that an earlier version left in the
 * spool, never for what this version writes. What the sentence did not contain is null. `vantage`: where that version probed
 * from.
 */
export function eventFromOld(old: OldEvent, vantage: VantageId): NewEvent {
  return { ...old, vantage: isSeenEventType(old.type) ? vantage : null, data: dataOf(old) } as NewEvent;
}

function dataOf({ type, message, createdAt }: OldEvent): EventData[EventType] {
  const instants = instantsIn(message);
  switch (type) {
    case 'start':
    case 'stop':
      return {};
    case 'delete':
      return { purged: message.includes('erased') };
    case 'down':
      return { since: instants[0] ?? null, lostProbes: numberIn(/^(\d+) probes/, message) };
    case 'recovery': {
      const downSeconds = numberIn(/after (\d+) s /, message);
      // The sentence has no start; the event was written at the reply, give or take a second.
      return { downSince: downSeconds === null ? null : createdAt - downSeconds * 1000, downSeconds, lostProbes: null };
    }
    case 'gap':
      return { from: instants[0] ?? null, to: instants[1] ?? null, results: numberIn(/^(\d+) results/, message) };
    case 'path-change': {
      const [, ttl, before, after] = /^Route changed at hop (\d+): (.*) → (.*)$/.exec(message) ?? [];
      return {
        ttl: ttl === undefined ? null : Number(ttl),
        before: before?.split(', ') ?? null,
        after: after?.split(', ') ?? null,
        traceId: null,
      };
    }
    case 'address-change': {
      const [, before = null, after = null] = /changed: (\S+) → (\S+)$/.exec(message) ?? [];
      return { before, after };
    }
    case 'address-failure':
      return { reason: message };
    case 'update':
      return { changed: changedIn(message) };
    case 'not-sent':
    case 'sent':
      throw new Error(`1.0.0-rc.1 had no events of the type ${type}`);
    default:
      return type satisfies never;
  }
}

/** `frequency 1 s → 5 s` and the like; for the other fields the sentence only says that they changed. */
function changedIn(message: string): EventData['update']['changed'] {
  const frequency = /frequency ([\d.]+) s → ([\d.]+) s/.exec(message);
  const named = [...message.matchAll(/(?:^Changed: |, )(url|notes|tags|host|family|packet size|DSCP|TTL) /g)];
  const unknown = { before: null, after: null };
  return {
    ...(frequency === null ? {} : { frequency: { before: Number(frequency[1]), after: Number(frequency[2]) } }),
    ...Object.fromEntries(named.map(([, field = '']) => [field.toLowerCase().replace(' ', '_'), unknown])),
  };
}

const instantPattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

function instantsIn(message: string): readonly EpochMillis[] {
  return (message.match(instantPattern) ?? []).map((text) => Date.parse(text));
}

function numberIn(pattern: RegExp, message: string): number | null {
  const text = pattern.exec(message)?.[1];
  return text === undefined ? null : Number(text);
}

export interface ConvertedLog {
  /** In the order of the old ones. */
  readonly events: readonly NewEvent[];
  readonly outages: readonly Outage[];
}

/**
 * The whole log of one target, oldest first. A pause ended an outage. If the target was still down afterwards, a recovery without
 * a new `down` shows it, and a second outage began with the resumption.
 */
export function convertOldLog(log: readonly OldEvent[], vantage: VantageId): ConvertedLog {
  const outages: Outage[] = [];
  const events: NewEvent[] = [];
  let open: { readonly from: EpochMillis; readonly lostProbes: number | undefined } | undefined;
  let resumedAt: EpochMillis | undefined;
  let isDownAtPause = false;
  const end = (to: EpochMillis, endedBy: Outage['endedBy']): void => {
    if (open !== undefined)
      outages.push({ from: open.from, to: Math.max(open.from, to), lostProbes: undefined, endedBy });
    open = undefined;
  };
  for (const old of log) {
    const event = eventFromOld(old, vantage);
    events.push(event);
    if (event.type === 'down') {
      const { since, lostProbes } = event.data;
      open ??= { from: Math.min(since ?? event.createdAt, event.createdAt), lostProbes: lostProbes ?? undefined };
      resumedAt = undefined;
    } else if (event.type === 'recovery') {
      open ??= resumedAt === undefined ? undefined : { from: resumedAt, lostProbes: undefined };
      const { downSeconds } = event.data;
      const from = open?.from;
      const isExact = downSeconds !== null && from !== undefined && resumedAt === undefined;
      if (isExact) events[events.length - 1] = { ...event, data: { ...event.data, downSince: from } };
      end(isExact ? from + downSeconds * 1000 : event.createdAt, 'recovery');
      resumedAt = undefined;
      isDownAtPause = false;
    } else if (event.type === 'stop' || event.type === 'delete') {
      isDownAtPause ||= open !== undefined || resumedAt !== undefined;
      end(event.createdAt, event.type === 'stop' ? 'pause' : 'delete');
      resumedAt = undefined;
    } else if (event.type === 'start') {
      if (isDownAtPause) resumedAt = event.createdAt;
      isDownAtPause = false;
    }
  }
  if (open !== undefined) outages.push({ ...open, to: undefined, endedBy: undefined });
  return { events, outages };
}

/** The state that follows from the newest events of a converted log; `undefined` if they do not say. */
export function stateAfter({ events, outages }: ConvertedLog): StoredState | undefined {
  const open = outages.find(({ to }) => to === undefined);
  const none = { phaseSince: null, errno: null };
  if (open !== undefined) return { ...none, state: 'down', since: open.from, phase: 'down', phaseSince: open.from };
  const last = events.findLast(({ type }) => ['start', 'stop', 'recovery'].includes(type));
  if (last === undefined) return undefined;
  const since = last.createdAt;
  if (last.type === 'stop') return { ...none, state: 'paused', since, phase: 'unknown' };
  if (last.type === 'recovery') return { ...none, state: 'up', since, phase: 'up', phaseSince: since };
  return { ...none, state: 'pending', since, phase: 'unknown' };
}
