import { z } from 'zod';
import { DamagedBytesError } from '../../core/bytes/bytes.ts';
import { type NewEvent, eventTypes } from '../../core/event/event.ts';
import { parseTargetId, mainVantage } from '../../core/ids.ts';
import { eventFromOld } from '../../core/outage/old-event.ts';
import type { Commit, StateRow } from '../../storage/storage.ts';

const targetId = z.number().transform((value, context) => {
  const id = parseTargetId(value);
  if (id !== undefined) return id;
  context.addIssue({ code: 'custom', message: 'is no id' });
  return z.NEVER;
});
const common = { targetId, type: z.enum(eventTypes), createdAt: z.number() };
/** 1.0.0-rc.1 wrote a list of events that had sentences only. */
const oldEvents = z.array(z.object({ ...common, message: z.string() }));
const news = z.object({
  events: z.array(z.object({ ...common, data: z.record(z.string(), z.unknown()), message: z.string().optional() })),
  states: z.array(
    z.object({
      targetId,
      vantage: z.int(),
      state: z.enum(['up', 'degraded', 'down', 'not-sent', 'pending', 'paused']),
      since: z.number(),
      phase: z.enum(['unknown', 'up', 'down']),
      phaseSince: z.number().nullable(),
      errno: z.number().nullable(),
    }),
  ),
});

/** What a commit holds beside its results. */
export type News = Required<Pick<Commit, 'events' | 'states'>>;

/** No bytes where there is nothing to tell. */
export function encodeNews({ events, states }: News): Uint8Array {
  if (events.length === 0 && states.length === 0) return new Uint8Array();
  return new TextEncoder().encode(JSON.stringify({ events, states }));
}

/** Throws `DamagedBytesError` for what neither this version nor 1.0.0-rc.1 wrote. */
export function decodeNews(bytes: Uint8Array): News {
  if (bytes.length === 0) return { events: [], states: [] };
  const json = parseJson(bytes);
  if (Array.isArray(json)) {
    const old = oldEvents.safeParse(json);
    if (old.success) {
      const events = old.data.map(eventFromOld);
      return { events, states: events.flatMap(stateAfterEvent) };
    }
  } else {
    const parsed = news.safeParse(json);
    if (parsed.success) return { events: parsed.data.events as unknown as NewEvent[], states: parsed.data.states };
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
function stateAfterEvent({ targetId, type, data, createdAt }: NewEvent): readonly StateRow[] {
  if (type !== 'down' && type !== 'recovery') return [];
  const since = type === 'down' ? (data.since ?? createdAt) : createdAt;
  const state = type === 'down' ? 'down' : 'up';
  return [{ targetId, vantage: mainVantage, state, since, phase: state, phaseSince: since, errno: null }];
}
