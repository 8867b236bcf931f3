import { domainToUnicode } from 'node:url';
import type { EventEntry, LogEntry } from '../contract/history/history.ts';
import type { TargetCountersShape } from '../contract/targets/target-counters.ts';
import type { TargetShape } from '../contract/targets/targets.ts';
import type { StateShape } from '../contract/targets/target-state.ts';
import { describeEvent } from '../core/event/describe-event.ts';
import type { NewEvent, TargetEvent } from '../core/event/event.ts';
import type { EpochMillis, TargetId } from '../core/ids.ts';
import { lossReasonOf } from '../contract/history/loss-reason.ts';
import { hopsFromReplyTtl } from '../core/path/path.ts';
import { type ProbeKindName, type ProbeSpec, portOf, probeKinds, probeSpecOf } from '../core/target/probe-kinds.ts';
import type { ProbePacket } from '../core/target/probe-packet.ts';
import type { TargetAnomalies } from '../core/result/anomalies.ts';
import { type ResultRow, isLost } from '../core/result/probe-result.ts';
import type { AddressFamily } from '../core/target/address-family.ts';
import type { Target } from '../core/target/target.ts';
import type { StateOfTarget } from '../core/outage/target-state.ts';

// Internally: whole microseconds and epoch milliseconds. Externally: milliseconds and RFC 3339. Converted here, once.

export function instantOf(at: EpochMillis): string {
  if (!(at >= 0 && at < year10000)) return new Date(at).toISOString();
  const second = Math.floor(at / 1000);
  let text = secondTexts.get(second);
  if (text === undefined) {
    if (secondTexts.size >= secondsKept) secondTexts.clear();
    text = new Date(second * 1000).toISOString().slice(0, -'000Z'.length);
    secondTexts.set(second, text);
  }
  return `${text}${String(Math.floor(at) - second * 1000).padStart(3, '0')}Z`;
}

const year10000 = Date.UTC(10_000, 0);
// The same seconds recur: an answer for a large fleet contains thousands of times.
const secondTexts = new Map<number, string>();
const secondsKept = 20_000;

export function millisecondsOf(micros: number | undefined): number | null {
  return micros === undefined ? null : micros / 1000;
}

export function targetShape(target: Target, state: StateOfTarget): TargetShape {
  return {
    id: target.id,
    name: target.name,
    ip: target.ip,
    host: shownHost(target.hostname),
    family: target.hostname === null ? null : familyWord(target.family),
    probe: target.probe.kind,
    port: portOf(target.probe),
    frequency: target.intervalMillis / 1000,
    is_active: target.isActive,
    created_at: instantOf(target.createdAt),
    url: target.url,
    notes: target.notes,
    tags: [...target.tags],
    packet_size: target.packet.payloadBytes,
    dscp: target.packet.dscp,
    ttl: target.packet.ttl,
    dont_fragment: target.packet.dontFragment,
    is_synthetic: target.isSynthetic,
    ...stateShape(state),
  };
}

export function deletionOf({ deletedAt }: Target): Pick<TargetShape, 'deleted_at'> {
  return deletedAt === null ? {} : { deleted_at: instantOf(deletedAt) };
}

/** An ASCII name may stand for one that people write differently: `xn--mnchen-3ya.test` is shown as `münchen.test`. */
export function shownHost<Name extends string | null>(hostname: Name): Name | string {
  return hostname === null ? hostname : domainToUnicode(hostname) || hostname;
}

export function stateShape({ state, since, reason }: StateOfTarget): StateShape {
  return { state, state_since: since === undefined ? null : instantOf(since), reason };
}

/** For results that were sent. `pathHops`: of the target, as expected by `hopsFromReplyTtl`. */
export function logEntry({ sentAt, result }: ResultRow, pathHops: number | undefined): LogEntry {
  const isReply = result.outcome === 'reply';
  const reason = lossReasonOf(result);
  return {
    time: instantOf(sentAt),
    latency_ms: isReply ? result.rttMicros / 1000 : null,
    hops: (isReply ? hopsFromReplyTtl(result.replyTtl, pathHops) : undefined) ?? null,
    packet_loss: isLost(result),
    ...(reason === undefined ? {} : { loss_reason: reason }),
  };
}

export function eventEntry(event: TargetEvent): EventEntry {
  return { id: event.id, target_id: event.targetId, ...eventFields(event) };
}

/** What an event says, wherever it is shown. */
export function eventFields(event: NewEvent): Pick<EventEntry, 'event_type' | 'message' | 'data' | 'created_at'> {
  return {
    event_type: event.type,
    message: describeEvent(event),
    data: eventData(event),
    created_at: instantOf(event.createdAt),
  };
}

function eventData(event: NewEvent): EventEntry['data'] {
  switch (event.type) {
    case 'start':
    case 'stop':
      return {};
    case 'delete':
      return { purged: event.data.purged };
    case 'down':
      return { since: instantOrNull(event.data.since), lost_probes: event.data.lostProbes };
    case 'recovery': {
      const { downSince, downSeconds, lostProbes } = event.data;
      return { down_since: instantOrNull(downSince), down_seconds: downSeconds, lost_probes: lostProbes };
    }
    case 'not-sent':
      return { ...event.data, since: instantOf(event.data.since) };
    case 'sent':
      return { not_sent_since: instantOf(event.data.notSentSince) };
    case 'gap':
      return { from: instantOrNull(event.data.from), to: instantOrNull(event.data.to), results: event.data.results };
    case 'path-change': {
      const { traceId, ...rest } = event.data;
      return { ...rest, trace_id: traceId };
    }
    case 'address-change':
    case 'address-failure':
    case 'update':
      return { ...event.data };
    default:
      return event satisfies never;
  }
}

function instantOrNull(at: EpochMillis | null): string | null {
  return at === null ? null : instantOf(at);
}

/** 0..1; null where nothing was sent. */
export function lossRate(summary: { readonly sampleCount: number; readonly lossCount: number }): number | null {
  return summary.sampleCount === 0 ? null : summary.lossCount / summary.sampleCount;
}

export function intervalMillis(frequencySeconds: number): number {
  return Math.round(frequencySeconds * 1000);
}

function familyWord(family: AddressFamily | null): 'any' | 'ipv4' | 'ipv6' {
  return family === null ? 'any' : `ipv${family}`;
}

/** Null matches any; `undefined` if not given. */
export function familyFrom(word: 'any' | 'ipv4' | 'ipv6' | undefined): AddressFamily | null | undefined {
  if (word === undefined) return undefined;
  return word === 'any' ? null : word === 'ipv4' ? 4 : 6;
}

/** `undefined` if neither kind nor port is given. A port alone means TCP, and no port means ICMP. */
export function probeFrom({
  probe,
  port,
}: {
  readonly probe?: ProbeKindName | undefined;
  readonly port?: number | null | undefined;
}): ProbeSpec | undefined {
  if (probe === undefined && port === undefined) return undefined;
  const kind = probe ?? (typeof port === 'number' ? 'tcp' : 'icmp');
  return probeSpecOf(kind, port ?? null);
}

/** A target in a sentence: the address alone if that is what is pinged. */
export function placeOf({ ip, hostname, probe }: Pick<Target, 'ip' | 'hostname' | 'probe'>): string {
  const place = hostname === null ? ip : `${shownHost(hostname)} (${ip})`;
  if (probe.kind === 'icmp') return place;
  const port = portOf(probe);
  return port === null
    ? `${place}, ${probeKinds[probe.kind].label}`
    : `${place}, ${probe.kind.toUpperCase()} port ${port}`;
}

/** Those of the fields that are given. */
export function packetFrom(body: {
  readonly packet_size?: number | null | undefined;
  readonly dscp?: number | null | undefined;
  readonly ttl?: number | null | undefined;
  readonly dont_fragment?: boolean | undefined;
}): Partial<ProbePacket> {
  return {
    ...(body.packet_size === undefined ? {} : { payloadBytes: body.packet_size }),
    ...(body.dscp === undefined ? {} : { dscp: body.dscp }),
    ...(body.ttl === undefined ? {} : { ttl: body.ttl }),
    ...(body.dont_fragment === undefined ? {} : { dontFragment: body.dont_fragment }),
  };
}

/** `undefined` if there were none. */
export function countersShape(id: TargetId, counts: TargetAnomalies | undefined): TargetCountersShape {
  return {
    target_id: id,
    replies_duplicate: counts?.duplicates ?? 0,
    replies_late: counts?.lateReplies ?? 0,
    replies_wrong_source: counts?.wrongSources ?? 0,
    replies_wrong_token: counts?.wrongTokens ?? 0,
    icmp_errors: counts?.icmpErrors ?? 0,
    drops_local: counts?.localDrops ?? 0,
  };
}
