import { useSyncExternalStore } from 'react';

export const languages = ['en', 'fr', 'zh-TW'] as const;
export type Language = (typeof languages)[number];
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export const latencyUnits = ['ms', 'auto'] as const;
/** `auto`: microseconds below one millisecond. */
export type LatencyUnit = (typeof latencyUnits)[number];
export const byteUnits = ['decimal', 'binary'] as const;
export type ByteUnit = (typeof byteUnits)[number];

/** What one person likes, kept in this browser. */
export interface Preferences {
  /** `qps` is the pseudo-language that shows what has not been translated. */
  readonly language: Language | 'qps';
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

/** Keeps `<html>` as the preferences, and the system where they follow it, want it. */
export function applyPreferences(): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const isDark = current.theme === 'dark' || (current.theme === 'system' && system.matches);
    document.documentElement.classList.toggle('dark', isDark);
    document.documentElement.lang = current.language === 'qps' ? 'en' : current.language;
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
  const language = wanted ?? kept['language'];
  return {
    language: language === 'qps' ? 'qps' : (oneOf(languages, language) ?? preferredLanguage(navigator.languages)),
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

/** A browser that runs with the locale of POSIX asks for `en-US@posix`, which is no language tag. */
function localeOf(tag: string): Intl.Locale | undefined {
  const [written = ''] = tag.split(/[@.]/, 1);
  try {
    return new Intl.Locale(written).maximize();
  } catch {
    return undefined;
  }
}

/** The first of ours that the browser asks for; every Chinese that is written in traditional characters is ours. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const { language, script, region } = localeOf(tag) ?? {};
    if (language === 'en' || language === 'fr') return language;
    if (language === 'zh' && (script === 'Hant' || region === 'TW')) return 'zh-TW';
  }
  return 'en';
}
