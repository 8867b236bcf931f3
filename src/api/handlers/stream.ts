import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type LiveEvent, type LiveResult, type LiveStateShape, openStream } from '../../contract/fleet.ts';
import type { NewEvent } from '../../core/event/event.ts';
import type { TargetId } from '../../core/ids.ts';
import { type ResultBatch, rowsOf } from '../../core/result/probe-result.ts';
import type { ApiDependencies, Streams } from '../dependencies.ts';
import type { Auth } from '../access/port.ts';
import { callerOf } from '../access/caller.ts';
import { beginEventStream, endEventStream, eventStreamText } from '../answers/event-stream.ts';
import { findWithHistory } from '../requests/find-target.ts';
import { serve } from '../requests/route.ts';
import { eventFields, instantOf, logEntry, stateShape } from '../translate.ts';

const backlogMaxBytes = 256 * 1024;
const heartbeatMillis = 15_000;

/** Server-sent events: one stream for all targets or for selected ones, until the token expires. */
export function serveStream(
  app: FastifyInstance,
  { monitor, storage, auth, now }: Pick<ApiDependencies, 'monitor' | 'storage' | 'now'> & { auth: Auth },
): Streams {
  const open = new Set<ServerResponse>();
  let dropped = 0;
  // Most readers want every target, so the text of a batch is made once for all of them.
  const textOf = new WeakMap<ResultBatch, string>();

  serve(app, openStream, async ({ query, request, reply, signal }) => {
    const wanted = wantedIn(query.targets);
    // A stream for a target that does not exist would be silent for ever.
    for (const id of wanted ?? []) await findWithHistory(storage, id);
    const { username, expiresAt } = callerOf(request);
    const response = beginEventStream(reply);
    if (request.method === 'HEAD') response.end();
    if (signal.aborted || response.writableEnded) return;
    open.add(response);

    function send(text: string): void {
      // Writing to a stream that has ended but is not read would crash the server.
      if (text === '' || response.writableEnded) return;
      if (expiresAt !== undefined && expiresAt <= now()) {
        endEventStream(response);
        return;
      }
      // A reader that does not keep up is disconnected, so that it costs nobody else memory or time.
      if (response.writableLength <= backlogMaxBytes) response.write(text);
      else if (!response.destroyed) {
        dropped++;
        response.destroy();
      }
    }
    send(': connected\n\n');
    const end = monitor.feed.subscribe({
      onResults: (batch) => send(wanted === undefined ? shared(batch) : textFor(batch, wanted)),
      onEvent: (event) => {
        if (wanted === undefined || wanted.has(event.targetId)) send(eventText(event));
      },
      onStates: (states) => {
        const ids = states.map(({ targetId }) => targetId).filter((id) => wanted === undefined || wanted.has(id));
        if (ids.length > 0) send(statesText(ids));
      },
    });
    const heartbeat = setInterval(() => send(': alive\n\n'), heartbeatMillis);
    const forget = auth.onAccessEnded((ended) => {
      if (ended === username) endEventStream(response);
    });
    signal.addEventListener('abort', () => {
      clearInterval(heartbeat);
      forget();
      end();
      open.delete(response);
    });
  });

  function statesText(ids: readonly TargetId[]): string {
    const time = instantOf(now());
    const shapes = ids.map((id): LiveStateShape => ({ target_id: id, ...stateShape(monitor.probedStateOf(id)), time }));
    return eventStreamText('states', shapes);
  }

  function textFor(batch: ResultBatch, wanted: ReadonlySet<number> | undefined): string {
    return resultsText(batch, wanted, monitor.traces.pathHopsOf);
  }

  function shared(batch: ResultBatch): string {
    const known = textOf.get(batch);
    if (known !== undefined) return known;
    const text = textFor(batch, undefined);
    textOf.set(batch, text);
    return text;
  }

  return {
    end: () => {
      for (const response of open) endEventStream(response);
    },
    counts: () => ({ open: open.size, dropped }),
  };
}

/** Ids; `undefined` for every target. */
function wantedIn(targets: string | undefined): ReadonlySet<number> | undefined {
  if (targets === undefined) return undefined;
  return new Set(targets === 'none' ? [] : targets.split(',').map(Number));
}

function resultsText(
  batch: ResultBatch,
  wanted: ReadonlySet<number> | undefined,
  pathHopsOf: (id: TargetId) => number | undefined,
): string {
  const results: LiveResult[] = [];
  for (const row of rowsOf(batch)) {
    if (row.result.outcome === 'not-sent' || wanted?.has(row.targetId) === false) continue;
    results.push({ target_id: row.targetId, ...logEntry(row, pathHopsOf(row.targetId)) });
  }
  return results.length === 0 ? '' : eventStreamText('results', results);
}

function eventText(event: NewEvent): string {
  const shape: LiveEvent = { target_id: event.targetId, ...eventFields(event) };
  return eventStreamText('event', shape);
}
