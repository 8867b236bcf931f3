import { mainVantage } from '../../core/ids.ts';
import type { FastifyInstance } from 'fastify';
import {
  listTraces,
  type LiveHopEntry,
  type MplsLabelEntry,
  showTrace,
  type StoredHop,
  type StoredTraceEntry,
  type TraceAnswer,
  traceTarget,
} from '../../contract/paths/traceroute.ts';
import { type Hop, type LiveHop, type MplsLabel, type Path, hopsOfPath } from '../../core/path/path.ts';
import { Problem } from '../../core/problem.ts';
import { addressesOf } from '../../core/path/path-change.ts';
import type { Target } from '../../core/target/target.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { beginEventStream, eventStreamText } from '../answers/event-stream.ts';
import { findTarget, findWithHistory } from '../requests/find-target.ts';
import { problemDetails } from '../problems.ts';
import { serve } from '../requests/route.ts';
import { instantOf } from '../translate.ts';

export function serveTraceroute(
  app: FastifyInstance,
  { monitor, storage }: Pick<ApiDependencies, 'monitor' | 'storage'>,
): void {
  serve(app, traceTarget, async ({ params, query, request, reply, signal }) => {
    const target = await findTarget(storage, params.id);
    monitor.targets.checkProbed(target);
    const asked = {
      maxHops: query.max_hops,
      timeoutMillis: query.timeout * 1000,
      rounds: query.rounds,
      isNamed: query.names,
      isKeptAlways: query.keep === 'always',
    };
    if (request.headers.accept?.includes('text/event-stream') !== true) {
      const { path } = await monitor.traces.trace(target, asked, { signal });
      return traceAnswer(target, path);
    }
    const response = beginEventStream(reply);
    const send = (event: string, data: unknown): boolean => response.write(eventStreamText(event, data));
    send('begin', { target_id: target.id, target_ip: target.ip });
    try {
      const onHop = (hop: LiveHop): boolean => send('hop', liveHopEntry(hop));
      const onRound = (hops: readonly number[]): boolean => send('round', { hops });
      const { path, stored } = await monitor.traces.trace(target, asked, { signal, onHop, onRound });
      send('done', storedTraceEntry(target, path, stored?.id));
    } catch (error) {
      // The head has been sent, so errors are reported within the stream.
      if (!signal.aborted) send('problem', problemDetails(error, request));
    }
    response.end();
    return reply;
  });

  serve(app, listTraces, async ({ params, query }) => {
    const target = await findWithHistory(storage, params.id);
    const traces = await storage.listTraces({ targetId: target.id, vantage: mainVantage }, query.limit, query.before);
    return traces.map(({ id, path }) => storedTraceEntry(target, path, id));
  });

  serve(app, showTrace, async ({ params }) => {
    const target = await findWithHistory(storage, params.id);
    const trace = await storage.findTrace(target.id, params.trace);
    if (trace === undefined) {
      throw new Problem('target-not-found', `Target ${target.id} has no trace with the id ${params.trace}.`);
    }
    return storedTraceEntry(target, trace.path, trace.id);
  });
}

function traceHead({ id, ip }: Target, { startedAt, finishedAt }: Path): Omit<TraceAnswer, 'hops'> {
  return {
    target_id: id,
    target_ip: ip,
    started_at: instantOf(startedAt),
    finished_at: instantOf(finishedAt),
    duration_ms: finishedAt - startedAt,
  };
}

function traceAnswer(target: Target, path: Path): TraceAnswer {
  return { ...traceHead(target, path), hops: path.hops.map(hopShape) };
}

function storedTraceEntry(target: Target, path: Path, id: number | undefined): StoredTraceEntry {
  const { isDestinationReached, hops } = path;
  const head = {
    id: id ?? null,
    ...traceHead(target, path),
    is_destination_reached: isDestinationReached,
    hop_count: hopsOfPath(path) ?? null,
  };
  return { ...head, hops: hops.map(storedHop) };
}

function storedHop(hop: Hop): StoredHop {
  const addresses = addressesOf(hop).map((ip) => {
    const answers = hop.answers.filter((answer) => answer.ip === ip);
    const host = answers.find((answer) => answer.host !== undefined)?.host ?? null;
    const labels = answers.findLast(({ mplsLabels }) => mplsLabels.length > 0)?.mplsLabels ?? [];
    return { ip, host, rtts_ms: answers.map(({ rttMicros }) => rttMicros / 1000), mpls: labels.map(labelEntry) };
  });
  return { ...hopShape(hop), sent_count: hop.sent, reply_count: hop.answers.length, addresses };
}

function liveHopEntry({ ttl, ip, rttMicros, kind, mplsLabels }: LiveHop): LiveHopEntry {
  return { hop: ttl, ip, rtt_ms: rttMicros / 1000, kind, mpls: mplsLabels.map(labelEntry) };
}

function labelEntry({ label, trafficClass, isBottom, ttl }: MplsLabel): MplsLabelEntry {
  return { label, traffic_class: trafficClass, is_bottom: isBottom, ttl };
}

function hopShape(hop: Hop): TraceAnswer['hops'][number] {
  const rtt = hop.rttMicros === undefined ? null : hop.rttMicros / 1000;
  const number = String(hop.ttl).padStart(2);
  const name = `${hop.host ?? hop.ip ?? ''} (${hop.ip ?? ''})`;
  const text = hop.ip === undefined ? '*' : `${name}  ${rtt === null ? '*' : `${rtt.toFixed(3)} ms`}`;
  return {
    hop: hop.ttl,
    host: hop.host ?? null,
    ip: hop.ip ?? null,
    rtt_ms: rtt,
    is_timeout: hop.ip === undefined,
    raw: `${number}  ${text}${hop.mark === undefined ? '' : ` ${hop.mark}`}`,
    ...(hop.mark === undefined ? {} : { mark: hop.mark }),
  };
}
