import { z } from 'zod';
import { DamagedBytesError } from '../../core/bytes/bytes.ts';
import { type NewEvent, eventTypes, isSeenEventType } from '../../core/event/event.ts';
import { parseTargetId, type VantageId } from '../../core/ids.ts';
import { eventFromOld } from '../../core/outage/old-event.ts';
import type { Commit, StateRow } from '../../storage/storage.ts';

const targetId = z.number().transform((value, context) => {
  const id = parseTargetId(value);
  if (id !== undefined) return id;
  context.addIssue({ code: 'custom', message: 'is no id' });
  return z.NEVER;
});
const common = { targetId, type: z.enum(eventTypes), createdAt: z.number() };
const vantage = z.int().nullable();
/** 1.0.0-rc.1 wrote a list of events that consisted of sentences only. */
const oldEvents = z.array(z.object({ ...common, message: z.string() }));
const news = z.object({
  // Until 1.0.0-rc.2 no event named its vantage point.
  events: z.array(
    z.object({
      ...common,
      vantage: vantage.optional(),
      data: z.record(z.string(), z.unknown()),
      message: z.string().optional(),
    }),
  ),
  states: z.array(
    z.object({
      targetId,
      vantage,
      state: z.enum(['up', 'degraded', 'down', 'not-sent', 'pending', 'paused']),
      since: z.number(),
      phase: z.enum(['unknown', 'up', 'down']),
      phaseSince: z.number().nullable(),
      errno: z.number().nullable(),
    }),
  ),
});

/** What a commit contains besides its results. */
export type News = Required<Pick<Commit, 'events' | 'states'>>;

/** No bytes if there is nothing. */
export function encodeNews({ events, states }: News): Uint8Array {
  if (events.length === 0 && states.length === 0) return new Uint8Array();
  return new TextEncoder().encode(JSON.stringify({ events, states }));
}

/** Throws `DamagedBytesError` for what neither this version nor 1.0.0-rc.1 wrote. */
export function decodeNews(bytes: Uint8Array, vantage: VantageId): News {
  if (bytes.length === 0) return { events: [], states: [] };
  const json = parseJson(bytes);
  if (Array.isArray(json)) {
    const old = oldEvents.safeParse(json);
    if (old.success) {
      const events = old.data.map((event) => eventFromOld(event, vantage));
      return { events, states: events.flatMap((event) => stateAfterEvent(event, vantage)) };
    }
  } else {
    const parsed = news.safeParse(json);
    if (parsed.success) {
      const events = parsed.data.events.map((event) => ({
        ...event,
        vantage: event.vantage === undefined ? (isSeenEventType(event.type) ? vantage : null) : event.vantage,
      }));
      return { events: events as unknown as NewEvent[], states: parsed.data.states };
    }
  }
  throw new DamagedBytesError('The events of a spooled commit cannot be read.');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new DamagedBytesError('The events of a spooled commit are not JSON.', { cause: error });
  }
}

/** What 1.0.0-rc.1 did not write: the state that follows from an event. */
function stateAfterEvent({ targetId, type, data, createdAt }: NewEvent, vantage: VantageId): readonly StateRow[] {
  if (type !== 'down' && type !== 'recovery') return [];
  const since = type === 'down' ? (data.since ?? createdAt) : createdAt;
  const state = type === 'down' ? 'down' : 'up';
  return [{ targetId, vantage, state, since, phase: state, phaseSince: since, errno: null }];
}
