import { useMemo } from 'react';
import { type Preferences, usePreferences } from '../preferences.ts';
import { languageOf } from './languages.ts';

/** Shown if there is no number. */
export const dash = '–';

/** Formats numbers, times and durations in the reader's language, time zone and units. */
export interface Format {
  readonly locale: string;
  /** An IANA name. */
  readonly timeZone: string;
  readonly count: (value: number | null | undefined) => string;
  /** A round trip, with its unit. */
  readonly latency: (milliseconds: number | null | undefined) => string;
  /** 0..1 as a percentage; something is never shown as 0, and less than all never as 100. */
  readonly share: (share: number | null | undefined) => string;
  readonly bytes: (bytes: number | null | undefined) => string;
  /** `3 s`, `12 min`, `4 h 05 min`, `12 d 3 h`: the two largest parts. */
  readonly duration: (milliseconds: number) => string;
  /** Between two probes or points; shows fractions of a second. */
  readonly interval: (milliseconds: number) => string;
  readonly dateTime: (at: number | string) => string;
  readonly clock: (at: number | string) => string;
  readonly list: (items: readonly string[]) => string;
}

export function useFormat(): Format {
  const preferences = usePreferences();
  return useMemo(() => createFormat(preferences), [preferences]);
}

export function createFormat({
  language,
  timeZone: wanted,
  latencyUnit,
  byteUnit,
}: Pick<Preferences, 'language' | 'timeZone' | 'latencyUnit' | 'byteUnit'>): Format {
  const { locale, byteSymbol } = languageOf(language);
  const timeZone = wanted === 'system' ? new Intl.DateTimeFormat().resolvedOptions().timeZone : wanted;
  const whole = new Intl.NumberFormat(locale);
  const fixed = [0, 1, 2, 3].map(
    (digits) => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  const upTo = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }));
  const withDigits = (formats: readonly Intl.NumberFormat[], value: number, digits: number): string =>
    (formats[digits] ?? whole).format(value);
  const full = new Intl.DateTimeFormat(locale, {
    ...{ timeZone, year: 'numeric', month: 'short', day: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  });
  const time = new Intl.DateTimeFormat(locale, {
    ...{ timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  });
  const lengths = new Intl.DurationFormat(locale, { style: 'narrow' });
  const seconds = new Intl.DurationFormat(locale, { style: 'narrow', secondsDisplay: 'always' });
  const fractions = new Intl.NumberFormat(locale, {
    ...{ style: 'unit', unit: 'second', unitDisplay: 'narrow', maximumFractionDigits: 3 },
  });
  const duration = (milliseconds: number): string =>
    (milliseconds < 59_500 ? seconds : lengths).format(partsOf(milliseconds));
  const lists = new Intl.ListFormat(locale, { type: 'conjunction' });

  return {
    ...{ locale, timeZone },
    count: (value) => (value === null || value === undefined ? dash : whole.format(value)),
    latency: (value) => {
      if (value === null || value === undefined) return dash;
      if (latencyUnit === 'auto' && Math.abs(value) < 1) return `${whole.format(Math.round(value * 1000))} µs`;
      const size = Math.abs(value);
      return `${withDigits(fixed, value, size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0)} ms`;
    },
    share: (share) => {
      if (share === null || share === undefined) return dash;
      const percent = share * 100;
      const edge = Math.min(percent, 100 - percent);
      if (percent > 0 && percent < 0.001) return `< ${withDigits(upTo, 0.001, 3)} %`;
      if (percent < 100 && percent > 99.999) return `> ${withDigits(upTo, 99.999, 3)} %`;
      return `${withDigits(upTo, percent, edge === 0 ? 0 : edge < 0.1 ? 3 : edge < 10 ? 2 : 1)} %`;
    },
    bytes: (bytes) => {
      if (bytes === null || bytes === undefined) return dash;
      const [base, units] = byteUnit === 'binary' ? [1024, binaryUnits] : ([1000, decimalUnits] as const);
      let [value, step] = [bytes, 0];
      while (value >= base && step < units.length - 1) [value, step] = [value / base, step + 1];
      const unit = units[step] ?? 'B';
      return `${withDigits(upTo, value, step === 0 || value >= 100 ? 0 : 1)} ${unit.replace('B', byteSymbol)}`;
    },
    duration,
    interval: (milliseconds) =>
      milliseconds < 60_000 ? fractions.format(milliseconds / 1000) : duration(milliseconds),
    dateTime: (at) => full.format(new Date(at)),
    clock: (at) => time.format(new Date(at)),
    list: (items) => lists.format(items),
  };
}

const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function partsOf(milliseconds: number): Partial<Record<'days' | 'hours' | 'minutes' | 'seconds', number>> {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return { seconds };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 ? { minutes, seconds: seconds % 60 } : { minutes };
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return { hours, minutes: minutes % 60 };
  return { days: Math.floor(hours / 24), hours: hours % 24 };
}
