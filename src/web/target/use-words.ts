import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatCount, formatDateTime, formatDuration, formatMs, formatShare } from '../charts/format.ts';
import { useSurroundings } from './surroundings.ts';

/** The words and number formats of the reader's language, in their time zone. */
export interface Words {
  readonly t: (key: string, values?: Readonly<Record<string, string | number>>) => string;
  readonly ms: (value: number | null | undefined) => string;
  readonly share: (value: number | null | undefined) => string;
  readonly count: (value: number | null | undefined) => string;
  readonly duration: (seconds: number) => string;
  readonly time: (at: number | string) => string;
}

export function useWords(): Words {
  const { t } = useTranslation('analysis');
  const { locale, timeZone } = useSurroundings();
  return useMemo(
    () => ({
      t: (key, values) => t(key, values ?? {}),
      ms: (value) => formatMs(value, locale),
      share: (value) => formatShare(value, locale),
      count: (value) => formatCount(value, locale),
      duration: (seconds) => formatDuration(seconds, locale),
      time: (at) => formatDateTime(typeof at === 'string' ? Date.parse(at) : at, { locale, timeZone }),
    }),
    [t, locale, timeZone],
  );
}
