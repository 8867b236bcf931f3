import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

export type SearchValues = Readonly<Record<string, string | undefined>>;

/**
 * The texts after the `?` of the address; `undefined` removes one. A change replaces the address, so that Back leaves the screen,
 * or with `isStep` makes a step that Back undoes.
 */
export function useSearchValues(): readonly [SearchValues, (next: SearchValues, isStep?: boolean) => void] {
  const navigate = useNavigate();
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const values = useMemo(
    () => Object.fromEntries(Object.entries(search).flatMap(([key, value]) => textEntry(key, value))),
    [search],
  );
  const change = useCallback(
    (next: SearchValues, isStep = false) => {
      void navigate({
        to: '.',
        search: ((before: object) => ({ ...before, ...next })) as never,
        replace: !isStep,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [values, change];
}

/** One of several options, kept in the address unless it is the default. */
export function useChoice<Option extends string>(
  key: string,
  options: readonly Option[],
  usual: Option,
): readonly [Option, (next: Option) => void] {
  const [search, setSearch] = useSearchValues();
  const choose = useCallback(
    (next: Option) => setSearch({ [key]: next === usual ? undefined : next }),
    [key, usual, setSearch],
  );
  return [options.find((option) => option === search[key]) ?? usual, choose];
}

function textEntry(key: string, value: unknown): readonly (readonly [string, string])[] {
  return typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [];
}
