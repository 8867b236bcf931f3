import { DamagedBytesError } from '../bytes/bytes.ts';
import { type EventData, type EventType, eventTypes } from './event.ts';

type Field = 'number' | 'text' | 'list' | 'object' | 'yes-or-no';

/** What the data of each type contains; null is allowed where an event of an earlier version did not have it. */
const fieldsOf: { readonly [Type in EventType]: { readonly [Name in keyof EventData[Type]]: Field } } = {
  start: {},
  stop: {},
  delete: { purged: 'yes-or-no' },
  down: { since: 'number', lostProbes: 'number' },
  recovery: { downSince: 'number', downSeconds: 'number', lostProbes: 'number' },
  'not-sent': { since: 'number', errno: 'number', reason: 'text' },
  sent: { notSentSince: 'number' },
  gap: { from: 'number', to: 'number', results: 'number' },
  'path-change': { ttl: 'number', before: 'list', after: 'list', traceId: 'number' },
  'address-change': { before: 'text', after: 'text' },
  'address-failure': { reason: 'text' },
  update: { changed: 'object' },
};

const isOf: Readonly<Record<Field, (value: unknown) => boolean>> = {
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  text: (value) => typeof value === 'string',
  list: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  object: (value) => typeof value === 'object' && !Array.isArray(value),
  'yes-or-no': (value) => typeof value === 'boolean',
};

/** The data of a stored event; throws `DamagedBytesError` for data that no version has written. */
export function parseEventData(type: string, text: string): EventData[EventType] {
  const known = eventTypes.find((each) => each === type);
  if (known === undefined) throw new DamagedBytesError(`There is no type of event ${JSON.stringify(type)}.`);
  const data = parseJson(text);
  if (typeof data !== 'object' || data === null) throw new DamagedBytesError('The data of the event is no object.');
  for (const [name, field] of Object.entries<Field>(fieldsOf[known])) {
    const value: unknown = Reflect.get(data, name);
    if (value === null || isOf[field](value)) continue;
    throw new DamagedBytesError(`The data of the event has no valid ${name}.`);
  }
  return data as EventData[EventType];
}

/** Throws `DamagedBytesError` where JSON.parse throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DamagedBytesError('What should be JSON is none.', { cause: error });
  }
}
