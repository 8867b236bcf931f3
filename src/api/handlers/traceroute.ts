import type { FastifyInstance } from 'fastify';
import { type TraceAnswer, traceTarget } from '../../contract/traceroute.ts';
import type { Hop } from '../../core/path.ts';
import type { ApiDependencies } from '../api.ts';
import { findTarget } from '../find-target.ts';
import { serve } from '../route.ts';
import { instantOf } from '../translate.ts';

export function serveTraceroute(app: FastifyInstance, { monitor, storage }: ApiDependencies): void {
  serve(app, traceTarget, async ({ params, query, signal }) => {
    const target = await findTarget(storage, params.id);
    monitor.targets.checkProbed(target);
    const request = { ip: target.ip, maxHops: query.max_hops, timeoutMillis: query.timeout * 1000 };
    const path = await monitor.traces.trace(request, signal);
    return {
      target_id: target.id,
      target_ip: target.ip,
      started_at: instantOf(path.startedAt),
      finished_at: instantOf(path.finishedAt),
      duration_ms: path.finishedAt - path.startedAt,
      hops: path.hops.map(hopShape),
    };
  });
}

function hopShape(hop: Hop): TraceAnswer['hops'][number] {
  const rtt = hop.rttMicros === undefined ? null : hop.rttMicros / 1000;
  const number = String(hop.ttl).padStart(2);
  const name = `${hop.host ?? hop.ip ?? ''} (${hop.ip ?? ''})`;
  return {
    hop: hop.ttl,
    host: hop.host ?? null,
    ip: hop.ip ?? null,
    rtt_ms: rtt,
    is_timeout: hop.ip === undefined,
    raw: hop.ip === undefined ? `${number}  *` : `${number}  ${name}  ${rtt === null ? '*' : `${rtt.toFixed(3)} ms`}`,
  };
}
