import { useSyncExternalStore } from 'react';
import {
  type AnyLanguage,
  languageOf,
  languages,
  parseLanguage,
  preferredLanguage,
  sourceLanguage,
} from './i18n/languages.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export const latencyUnits = ['ms', 'auto'] as const;
/** `auto`: microseconds below one millisecond. */
export type LatencyUnit = (typeof latencyUnits)[number];
export const byteUnits = ['decimal', 'binary'] as const;
export type ByteUnit = (typeof byteUnits)[number];

/** A user's preferences, stored in this browser. */
export interface Preferences {
  readonly language: AnyLanguage;
  readonly theme: Theme;
  /** `system`, or an IANA name. */
  readonly timeZone: string;
  readonly latencyUnit: LatencyUnit;
  readonly byteUnit: ByteUnit;
}

const key = 'pmd-preferences';
const listeners = new Set<() => void>();
let current = read();

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(key, JSON.stringify(current));
  announce();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Applies the preferences, and the system's where they follow it, to `<html>`. */
export function applyPreferences(): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const isDark = current.theme === 'dark' || (current.theme === 'system' && system.matches);
    document.documentElement.classList.toggle('dark', isDark);
    const { locale, direction } = languageOf(current.language);
    document.documentElement.lang = locale;
    document.documentElement.dir = direction;
  };
  apply();
  subscribe(apply);
  system.addEventListener('change', () => {
    apply();
    announce();
  });
  // Another tab changed them.
  addEventListener('storage', (event) => {
    if (event.key !== key) return;
    current = read();
    announce();
  });
}

function announce(): void {
  for (const listener of listeners) listener();
}

function read(): Preferences {
  const wanted = new URLSearchParams(location.search).get('lng');
  const kept = parse(localStorage.getItem(key));
  const tags = languages.map(({ tag }) => tag);
  return {
    language:
      parseLanguage(wanted ?? kept['language']) ?? preferredLanguage(navigator.languages, tags) ?? sourceLanguage,
    theme: oneOf(themes, kept['theme']) ?? 'system',
    timeZone: isTimeZone(kept['timeZone']) ? kept['timeZone'] : 'system',
    latencyUnit: oneOf(latencyUnits, kept['latencyUnit']) ?? 'ms',
    byteUnit: oneOf(byteUnits, kept['byteUnit']) ?? 'decimal',
  };
}

function parse(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function oneOf<const T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((each) => each === value);
}

function isTimeZone(name: unknown): name is string {
  if (typeof name !== 'string') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
