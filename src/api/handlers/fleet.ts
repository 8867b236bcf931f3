import type { FastifyInstance } from 'fastify';
import { type FleetTarget, showFleet, type targetStates } from '../../contract/fleet.ts';
import type { OutageState } from '../../core/outage.ts';
import type { Target } from '../../core/target.ts';
import type { FleetRow } from '../../core/window.ts';
import type { ApiDependencies } from '../api.ts';
import { serve } from '../route.ts';
import { instantOf, lossRate, millisecondsOf } from '../translate.ts';

const windowMillis = 3_600_000;
const sparkBuckets = 30;
const degradedLossRate = 0.02;

type RecorderStatus = ReturnType<ApiDependencies['monitor']['recorder']['status']>;
type State = (typeof targetStates)[number];

export function serveFleet(app: FastifyInstance, { monitor, storage, now }: ApiDependencies): void {
  serve(app, showFleet, async () => {
    const targets = await storage.listTargets();
    const to = now();
    const ids = targets.map((target) => target.id);
    const rows = await storage.readFleet(ids, to - windowMillis, to, sparkBuckets);
    const rowOf = new Map(rows.map((row) => [row.targetId, row]));
    const counts: Record<State, number> = { up: 0, degraded: 0, down: 0, paused: 0, pending: 0, synthetic: 0 };
    const shapes = targets.map((target) =>
      fleetTarget(target, rowOf.get(target.id), monitor.outages.stateOf(target.id)),
    );
    for (const shape of shapes) counts[shape.state]++;
    return {
      time: instantOf(to),
      window_minutes: windowMillis / 60_000,
      spark_bucket_seconds: windowMillis / sparkBuckets / 1000,
      counts,
      notices: noticesOf(monitor.recorder.status()),
      targets: shapes,
    };
  });
}

/** Waiting results and dropped ones: what is shown beside them is not all that was measured. */
function noticesOf({ isFailing, spooledResults, droppedResults, message }: RecorderStatus): readonly string[] {
  return isFailing || spooledResults > 0 || droppedResults > 0 ? [message] : [];
}

function stateOf(target: Target, row: FleetRow | undefined, outage: Readonly<OutageState>): State {
  if (target.isSynthetic) return 'synthetic';
  if (!target.isActive) return 'paused';
  switch (outage.phase) {
    case 'down':
      return 'down';
    case 'unknown':
      return outage.consecutiveLosses > 0 ? 'degraded' : 'pending';
    case 'up': {
      const isLossy = row !== undefined && (lossRate(row.summary) ?? 0) > degradedLossRate;
      return outage.consecutiveLosses > 0 || isLossy ? 'degraded' : 'up';
    }
    default:
      return outage.phase satisfies never;
  }
}

function fleetTarget(target: Target, row: FleetRow | undefined, outage: Readonly<OutageState>): FleetTarget {
  const isProbed = target.isActive && !target.isSynthetic;
  return {
    id: target.id,
    ip: target.ip,
    notes: target.notes,
    frequency: target.intervalMillis / 1000,
    state: stateOf(target, row, outage),
    state_since: isProbed && outage.since !== undefined ? instantOf(outage.since) : null,
    last_time: row?.lastSentAt === undefined ? null : instantOf(row.lastSentAt),
    last_latency_ms: millisecondsOf(row?.lastRttMicros),
    last_hops: row?.lastHops ?? null,
    sample_count: row?.summary.sampleCount ?? 0,
    loss_rate: row === undefined ? null : lossRate(row.summary),
    latency_p50_ms: millisecondsOf(row?.summary.rttP50Micros),
    latency_p95_ms: millisecondsOf(row?.summary.rttP95Micros),
    jitter_ms: millisecondsOf(row?.jitterMicros),
    spark_latency_ms: (row?.sparkRttMicros ?? []).map(millisecondsOf),
    spark_loss_rate: (row?.sparkLossRatio ?? []).map((ratio) => ratio ?? null),
  };
}
