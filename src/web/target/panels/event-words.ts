import type { TFunction } from 'i18next';
import type { EventEntry } from '../../../contract/history/history.ts';
import type { EventData } from '../../../core/event/event.ts';
import { sendFailureOf } from '../../../core/result/send-failure.ts';
import type { Format } from '../../i18n/format.ts';

type Words = TFunction<['target']>;

/** What an event says beyond its type, in the reader's language; `undefined` if the type says it all. */
export function eventWords({ event_type: type, data }: EventEntry, t: Words, format: Format): string | undefined {
  const text = (name: string): string => (typeof data[name] === 'string' ? data[name] : '');
  const number = (name: string): number | undefined => (typeof data[name] === 'number' ? data[name] : undefined);
  const time = (name: string): string => (text(name) === '' ? '' : format.dateTime(text(name)));
  const list = (name: string): string => (Array.isArray(data[name]) ? format.list(data[name].map(String)) : '');
  switch (type) {
    case 'down': {
      const count = number('lost_probes');
      const since = time('since');
      return count === undefined || since === ''
        ? t('eventWords.downUnknown')
        : t('eventWords.down', { count, time: since });
    }
    case 'recovery': {
      const seconds = number('down_seconds');
      if (seconds === undefined) return t('eventWords.recoveryUnknown');
      const [length, count] = [format.duration(seconds * 1000), number('lost_probes')];
      return count === undefined
        ? t('eventWords.recovery', { length })
        : t('eventWords.recoveryLosses', { length, count });
    }
    case 'not-sent': {
      const reason = t(`sendFailure.${sendFailureOf(number('errno') ?? 0)}`);
      return t('eventWords.not-sent', { reason, time: time('since') });
    }
    case 'sent':
      return t('eventWords.sent', { time: time('not_sent_since') });
    case 'gap': {
      const count = number('results');
      return count === undefined
        ? t('eventWords.gapUnknown')
        : t('eventWords.gap', { count, from: time('from'), to: time('to') });
    }
    case 'path-change': {
      if (number('ttl') === undefined) return undefined;
      return t('eventWords.path-change', { ttl: number('ttl'), before: list('before'), after: list('after') });
    }
    case 'address-change':
      return text('before') === ''
        ? undefined
        : t('eventWords.address-change', { before: text('before'), after: text('after') });
    case 'delete':
      return data['purged'] === true ? t('eventWords.erased') : undefined;
    case 'update':
      return changedWords(data['changed'] as EventData['update']['changed'] | undefined, format);
    case 'address-failure':
    case 'start':
    case 'stop':
      return undefined;
    default:
      return type satisfies never;
  }
}

/** Fields by their names in the API, as in its documentation. */
function changedWords(changed: EventData['update']['changed'] | undefined, format: Format): string | undefined {
  const parts = Object.entries(changed ?? {}).map(([field, { before, after }]) => {
    const show = (value: typeof before): string =>
      Array.isArray(value) ? format.list(value.map(String)) || '–' : String(value ?? '–');
    return before === null && after === null ? field : `${field}: ${show(before)} → ${show(after)}`;
  });
  return parts.length === 0 ? undefined : parts.join('; ');
}
