import { createContext, useContext } from 'react';
import type { Client } from '../../contract/client.ts';
import type { LiveEvent, LiveResult } from '../../contract/fleet.ts';

export interface StreamListener {
  readonly onResults: (results: readonly LiveResult[]) => void;
  readonly onEvent: (event: LiveEvent) => void;
  /** The stream is open (again): what came before is not in it. */
  readonly onOpen: () => void;
}

export interface Notice {
  readonly kind: 'done' | 'failed';
  readonly message: string;
  readonly undo?: () => void;
}

/** What the screens of this area need of the rest of the dashboard. */
export interface Surroundings {
  readonly client: Client;
  readonly locale: string;
  readonly timeZone: string;
  /** Of the address; values that a reader can share. */
  readonly search: Readonly<Record<string, string | undefined>>;
  /** Changes the address; `undefined` takes a value out. A step of the history unless it replaces. */
  readonly setSearch: (next: Readonly<Record<string, string | undefined>>, isReplacing?: boolean) => void;
  readonly listen: (listener: StreamListener) => () => void;
  readonly notify: (notice: Notice) => void;
  /** Address of a screen. */
  readonly hrefOf: (screen: 'fleet' | 'target' | 'path' | 'compare', ids?: readonly number[]) => string;
  readonly goTo: (href: string) => void;
}

export const SurroundingsContext = createContext<Surroundings | undefined>(undefined);

export function useSurroundings(): Surroundings {
  const surroundings = useContext(SurroundingsContext);
  if (surroundings === undefined) throw new Error('a screen stands outside of its surroundings');
  return surroundings;
}
