import { createParser } from 'eventsource-parser';
import { type LiveEvent, type LiveResult, type LiveStateShape, openStream } from '../../contract/fleet.ts';
import { ApiError, api } from '../api.ts';
import { serverNow } from '../clock/clock.ts';

/**
 * `connecting`: the first time; `live`: results arrive; `stale`: the connection is open but has been silent for long; `offline`:
 * the server does not answer, and is tried again.
 */
export type LiveStatus = 'connecting' | 'live' | 'stale' | 'offline';

export interface LiveListener {
  /** Whose results, events and states it needs; without it, only the connection's status. Nothing else is sent. */
  readonly targets?: 'all' | readonly number[];
  /** At most a few times a second, between frames; results of a target are in order of arrival. */
  readonly onResults?: (results: readonly LiveResult[]) => void;
  readonly onEvent?: (event: LiveEvent) => void;
  /** Targets whose state has changed. */
  readonly onStates?: (states: readonly LiveStateShape[]) => void;
  readonly onStatus?: (status: LiveStatus) => void;
  /** From here on everything it asked for is received: what came before has to be requested. */
  readonly onOpened?: () => void;
  /** After an interruption: what happened meanwhile has to be requested. */
  readonly onResumed?: () => void;
}

export interface Live {
  readonly status: LiveStatus;
  /** When the server last sent something, by its own clock; `undefined` before the first time. */
  readonly heardAt: number | undefined;
  /** The first listener opens the connection, the last one that leaves closes it. */
  listen(listener: LiveListener): () => void;
  /** Tries again at once, also after `hangUp`. */
  retry(): void;
  /** Closes the connection although there are listeners. */
  hangUp(): void;
}

// The server gives a sign of life at least every 15 s.
const staleAfterMillis = 20_000;
const flushMillis = 200;
// Between two screens there is no listener for a moment.
const lingerMillis = 1000;
const backlogMax = 20_000;
const backoffMinMillis = 500;
const backoffMaxMillis = 15_000;

// So that a screen can say what it needs before a connection is opened for the status alone.
const statusOnlyMillis = 1500;

/** One event stream for the whole dashboard: every screen shares the same connection, which carries what they need. */
export const live: Live = createLive();

function createLive(): Live {
  const listeners = new Set<LiveListener>();
  let status: LiveStatus = 'connecting';
  let heardAt: number | undefined;
  let waiting: LiveResult[] = [];
  let flushTimer: ReturnType<typeof setTimeout> | undefined;
  let connection: AbortController | undefined;
  let closeTimer: ReturnType<typeof setTimeout> | undefined;
  let wake: (() => void) | undefined;
  let adaptTimer: ReturnType<typeof setTimeout> | undefined;
  /** What the connection carries: `all`, or ids or `none` as the API accepts them; `undefined` before the first. */
  let carried: string | undefined;
  let isOpen = false;
  /** The server no longer knows one of these. */
  let refused: string | undefined;

  function tell(call: (listener: LiveListener) => void): void {
    for (const listener of listeners) call(listener);
  }

  function setStatus(next: LiveStatus): void {
    if (next === status) return;
    status = next;
    tell((listener) => listener.onStatus?.(next));
  }

  function flush(): void {
    flushTimer = undefined;
    const results = waiting;
    waiting = [];
    if (results.length > 0) tell((listener) => listener.onResults?.(results));
  }

  function collect(results: readonly LiveResult[]): void {
    // A hidden tab gets no frames: what exceeds the backlog is requested again, not kept.
    if (waiting.length + results.length > backlogMax) waiting = [];
    for (const result of results) waiting.push(result);
    flushTimer ??= setTimeout(() => requestAnimationFrame(flush), flushMillis);
  }

  async function readStream(signal: AbortSignal): Promise<void> {
    const wanted = carried === 'all' || carried === undefined || carried === refused ? undefined : carried;
    const response = await api.open(openStream, wanted === undefined ? {} : { query: { targets: wanted } }, signal);
    if (response.body === null) throw new TypeError('the stream has no body');
    const parser = createParser({
      onEvent: ({ event, data }) => {
        // The server validated it when it was made; validating thousands of results a second again would only cost time.
        if (event === 'results') collect(JSON.parse(data) as LiveResult[]);
        else if (event === 'event') {
          const parsed = JSON.parse(data) as LiveEvent;
          tell((listener) => listener.onEvent?.(parsed));
        } else if (event === 'states') {
          const parsed = JSON.parse(data) as LiveStateShape[];
          tell((listener) => listener.onStates?.(parsed));
        }
      },
    });
    const wasAway = status === 'offline' || status === 'stale';
    isOpen = true;
    heard();
    tell((listener) => listener.onOpened?.());
    if (wasAway) tell((listener) => listener.onResumed?.());
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      heard();
      parser.feed(part.value);
    }
  }

  function heard(): void {
    heardAt = performance.now();
    setStatus('live');
  }

  function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
      wake = done;
    });
  }

  async function stayConnected(signal: AbortSignal): Promise<void> {
    let backoff = backoffMinMillis;
    while (!signal.aborted) {
      const startedAt = performance.now();
      try {
        await readStream(signal);
      } catch (error) {
        // The session ended: signing in again subscribes again.
        if (error instanceof ApiError && error.status === 401) {
          connection?.abort();
          return;
        }
        if (error instanceof ApiError && (error.status === 404 || error.status === 422) && refused !== carried) {
          refused = carried;
          continue;
        }
      }
      if (signal.aborted) return;
      isOpen = false;
      setStatus('offline');
      if (performance.now() - startedAt > backoffMaxMillis) backoff = backoffMinMillis;
      // Randomised, so that a hundred browsers do not return at the same moment.
      await pause(backoff * (0.75 + Math.random() / 2), signal);
      backoff = Math.min(backoffMaxMillis, backoff * 2);
    }
  }

  /** What all listeners together need; `undefined` if they need only the status. */
  function wantedByAll(): string | undefined {
    const ids = new Set<number>();
    for (const { targets } of listeners) {
      if (targets === 'all') return 'all';
      for (const id of targets ?? []) ids.add(id);
    }
    return ids.size === 0 ? undefined : [...ids].sort((a, b) => a - b).join(',');
  }

  /** Opens the connection, or another one when the needs have changed. */
  function adapt(): void {
    adaptTimer = undefined;
    if (listeners.size === 0) return;
    const isConnected = connection !== undefined && !connection.signal.aborted;
    const wanted = wantedByAll() ?? 'none';
    if (isConnected && wanted === carried) return;
    carried = wanted;
    flushNow();
    connection?.abort();
    connect();
  }

  function adaptSoon(wait: number): void {
    clearTimeout(adaptTimer);
    adaptTimer = setTimeout(adapt, wait);
  }

  function flushNow(): void {
    clearTimeout(flushTimer);
    flush();
  }

  function connect(): void {
    isOpen = false;
    connection = new AbortController();
    const { signal } = connection;
    const watch = setInterval(() => {
      if (status === 'live' && heardAt !== undefined && performance.now() - heardAt > staleAfterMillis)
        setStatus('stale');
    }, 1000);
    signal.addEventListener('abort', () => clearInterval(watch));
    void stayConnected(signal);
  }

  function close(): void {
    connection?.abort();
    clearTimeout(adaptTimer);
    clearTimeout(flushTimer);
    flushTimer = undefined;
    isOpen = false;
    waiting = [];
    status = 'connecting';
  }

  addEventListener('online', () => wake?.());

  return {
    get status() {
      return status;
    },
    get heardAt() {
      return heardAt === undefined ? undefined : serverNow() - (performance.now() - heardAt);
    },
    listen(listener) {
      listeners.add(listener);
      clearTimeout(closeTimer);
      const isConnected = connection !== undefined && !connection.signal.aborted;
      if (listener.targets !== undefined) adaptSoon(0);
      else if (!isConnected) adaptTimer ??= setTimeout(adapt, statusOnlyMillis);
      // What is already carried is received from now on.
      if (isOpen && isConnected && wantedByAll() === carried) listener.onOpened?.();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) closeTimer = setTimeout(close, lingerMillis);
        else if (listener.targets !== undefined) adaptSoon(wantedByAll() === undefined ? statusOnlyMillis : 0);
      };
    },
    retry: () => {
      if (connection?.signal.aborted === true && listeners.size > 0) adapt();
      else wake?.();
    },
    hangUp: close,
  };
}
