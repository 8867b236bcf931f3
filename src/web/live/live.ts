import { createParser } from 'eventsource-parser';
import { type LiveEvent, type LiveResult, type LiveStateShape, openStream } from '../../contract/fleet.ts';
import { ApiError, api } from '../api.ts';
import { serverNow } from '../clock/clock.ts';

/**
 * `connecting`: the first time; `live`: results arrive; `stale`: the connection stands but has said nothing for long;
 * `offline`: the server does not answer, and is tried again.
 */
export type LiveStatus = 'connecting' | 'live' | 'stale' | 'offline';

export interface LiveListener {
  /** At most a few times a second, between frames; results of a target are in the order in which they arrived. */
  readonly onResults?: (results: readonly LiveResult[]) => void;
  readonly onEvent?: (event: LiveEvent) => void;
  /** Targets that came into another state. */
  readonly onStates?: (states: readonly LiveStateShape[]) => void;
  readonly onStatus?: (status: LiveStatus) => void;
  /** After a break: what happened meanwhile has to be asked for. */
  readonly onResumed?: () => void;
}

export interface Live {
  readonly status: LiveStatus;
  /** When the server was heard last, by its own clock; `undefined` before the first time. */
  readonly heardAt: number | undefined;
  /** The first listener opens the connection, the last one that leaves closes it. */
  listen(listener: LiveListener): () => void;
  /** Tries again at once, also after `hangUp`. */
  retry(): void;
  /** Closes the connection although someone listens. */
  hangUp(): void;
}

// The server says at least that it is alive every 15 s.
const staleAfterMillis = 20_000;
const flushMillis = 200;
// From one screen to the next nobody listens for a moment.
const lingerMillis = 1000;
const backlogMax = 20_000;
const backoffMinMillis = 500;
const backoffMaxMillis = 15_000;

/** One event stream for the whole dashboard: every screen listens to the same connection. */
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
    // In a hidden tab no frame comes: what is older than the backlog is asked for again, not kept.
    if (waiting.length + results.length > backlogMax) waiting = [];
    for (const result of results) waiting.push(result);
    flushTimer ??= setTimeout(() => requestAnimationFrame(flush), flushMillis);
  }

  async function readStream(signal: AbortSignal): Promise<void> {
    const response = await api.open(openStream, {}, signal);
    if (response.body === null) throw new TypeError('the stream has no body');
    const parser = createParser({
      onEvent: ({ event, data }) => {
        // Checked by the server when it was made; checking thousands of results a second again would only cost time.
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
    heard();
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
        // The session ended: whoever signs in again listens again.
        if (error instanceof ApiError && error.status === 401) {
          connection?.abort();
          return;
        }
      }
      if (signal.aborted) return;
      setStatus('offline');
      if (performance.now() - startedAt > backoffMaxMillis) backoff = backoffMinMillis;
      // Spread, so that a hundred browsers do not come back in the same moment.
      await pause(backoff * (0.75 + Math.random() / 2), signal);
      backoff = Math.min(backoffMaxMillis, backoff * 2);
    }
  }

  function connect(): void {
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
    clearTimeout(flushTimer);
    flushTimer = undefined;
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
      if (connection === undefined || connection.signal.aborted) connect();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) closeTimer = setTimeout(close, lingerMillis);
      };
    },
    retry: () => {
      if (connection?.signal.aborted === true && listeners.size > 0) connect();
      else wake?.();
    },
    hangUp: close,
  };
}
