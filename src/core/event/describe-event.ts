import type { ChangedFields, ChangedValue, NewEvent } from './event.ts';
import type { EpochMillis } from '../ids.ts';
import { describeSendFailure, errnoName, sendFailureOf } from '../result/send-failure.ts';

/** An event as an English sentence: the only place that makes them. */
export function describeEvent(event: NewEvent): string {
  if (event.message !== undefined) return event.message;
  switch (event.type) {
    case 'start':
      return 'Tracking started';
    case 'stop':
      return 'Tracking paused';
    case 'delete':
      return event.data.purged ? 'Target and history erased' : 'Target deleted; its history is kept';
    case 'down': {
      const { since, lostProbes } = event.data;
      const losses = lostProbes === null ? 'Probes in a row lost' : `${lostProbes} probes in a row lost`;
      return since === null ? losses : `${losses} since ${instant(since)}`;
    }
    case 'recovery': {
      const { downSeconds, lostProbes } = event.data;
      if (downSeconds === null) return 'First reply after an outage';
      const losses = lostProbes === null ? '' : ` (${lostProbes} probes lost)`;
      return `First reply after ${Math.round(downSeconds)} s without one${losses}`;
    }
    case 'not-sent': {
      const { errno, since } = event.data;
      return `Not sent: ${describeSendFailure(sendFailureOf(errno))} (${errnoName(errno)}) since ${instant(since)}`;
    }
    case 'sent':
      return `Probes are sent again; not sent since ${instant(event.data.notSentSince)}`;
    case 'gap': {
      const { from, to, results } = event.data;
      const stretch = from === null || to === null ? '' : ` from ${instant(from)} to ${instant(to)}`;
      return `${results ?? 'Some'} results${stretch} are missing: the database took none and there was no room left to keep them`;
    }
    case 'path-change': {
      const { ttl, before, after } = event.data;
      const where = ttl === null ? 'Route changed' : `Route changed at hop ${ttl}`;
      return before === null || after === null ? where : `${where}: ${before.join(', ')} → ${after.join(', ')}`;
    }
    case 'address-change':
      return `Address changed: ${event.data.before ?? 'unknown'} → ${event.data.after ?? 'unknown'}`;
    case 'address-failure':
      return event.data.reason ?? 'The host name cannot be resolved';
    case 'update':
      return `Changed: ${describeChanges(event.data.changed).join(', ')}`;
    default:
      return event satisfies never;
  }
}

function describeChanges(changed: ChangedFields): readonly string[] {
  return Object.entries(changed).flatMap(([field, { before, after }]): readonly string[] => {
    const step = (say: (value: ChangedValue) => string): string => `${say(before)} → ${say(after)}`;
    switch (field) {
      case 'frequency':
        return before === null && after === null
          ? ['frequency']
          : [`frequency ${step((value) => `${valueText(value)} s`)}`];
      case 'ip':
        // Mentions the name of a host.
        return changed['host'] === undefined ? [`ip ${step(valueText)}`] : [];
      case 'host': {
        const ip = changed['ip']?.after;
        return [`host ${step(valueText)}${typeof ip === 'string' ? ` (${ip})` : ''}`];
      }
      case 'family':
        return [`family ${step((value) => (value === null ? 'any' : String(value).replace('ipv', 'IPv')))}`];
      case 'name':
        return [after === null ? 'name removed' : `name ${step(valueText)}`];
      case 'probe':
        // Mentions the kind along with a port.
        return changed['port'] === undefined ? [`probe ${step(valueText)}`] : [];
      case 'port':
        return [`probe ${step((value) => (value === null ? 'ICMP' : `TCP port ${valueText(value)}`))}`];
      case 'url':
        return [`url ${after === null ? 'removed' : valueText(after)}`];
      case 'notes':
        return [after === null ? 'notes removed' : 'notes changed'];
      case 'tags':
        return [Array.isArray(after) && after.length === 0 ? 'tags removed' : `tags ${valueText(after)}`];
      case 'packet_size':
      case 'dscp':
      case 'ttl':
        return [`${packetNames[field]} ${step((value) => (value === null ? 'plain' : valueText(value)))}`];
      case 'dont_fragment':
        return [after === true ? 'fragmentation forbidden' : 'fragmentation allowed'];
      default:
        return [`${field} ${step(valueText)}`];
    }
  });
}

const packetNames = { packet_size: 'packet size', dscp: 'DSCP', ttl: 'TTL' } as const;

function valueText(value: ChangedValue): string {
  if (value === null || value === '') return 'none';
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value);
}

function instant(time: EpochMillis): string {
  return new Date(time).toISOString();
}
