import type { TargetId } from '../core/ids.ts';
import type { ProbePacket } from '../core/probe-packet.ts';
import type { Target, TargetChange } from '../core/target.ts';

/** Of the packet what is given changes and the rest stays. */
export type TargetUpdate = Pick<
  TargetChange,
  'intervalMillis' | 'url' | 'notes' | 'tags' | 'hostname' | 'family' | 'tcpPort'
> & { readonly packet?: Partial<ProbePacket> };

export type BulkChange =
  | { readonly kind: 'pause' | 'resume' | 'delete' | 'restore' }
  | { readonly kind: 'tag'; readonly add: readonly string[]; readonly remove: readonly string[] };

export interface BulkOutcome {
  readonly changed: readonly TargetId[];
  /** Those that cannot be changed so, with a sentence each. */
  readonly refused: readonly { readonly id: TargetId; readonly message: string }[];
}

/** What an update says in the event log; `undefined` when nothing changes. */
export function describeChange(target: Target, change: TargetChange): string | undefined {
  const parts: string[] = [];
  if (change.intervalMillis !== undefined && change.intervalMillis !== target.intervalMillis) {
    parts.push(`frequency ${target.intervalMillis / 1000} s → ${change.intervalMillis / 1000} s`);
  }
  parts.push(...describePlace(target, change));
  if (change.url !== undefined && change.url !== target.url) parts.push(`url ${change.url ?? 'removed'}`);
  if (change.notes !== undefined && change.notes !== target.notes) {
    parts.push(change.notes === null ? 'notes removed' : 'notes changed');
  }
  if (change.tags !== undefined && change.tags.join() !== target.tags.join()) {
    parts.push(change.tags.length === 0 ? 'tags removed' : `tags ${change.tags.join(', ')}`);
  }
  if (change.packet !== undefined) parts.push(...describePacket(target.packet, change.packet));
  return parts.length === 0 ? undefined : `Changed: ${parts.join(', ')}`;
}

function describePacket(before: ProbePacket, after: ProbePacket): readonly string[] {
  const names = { payloadBytes: 'packet size', dscp: 'DSCP', ttl: 'TTL' } as const;
  const changed = (['payloadBytes', 'dscp', 'ttl'] as const).filter((field) => before[field] !== after[field]);
  const parts = changed.map((field) => `${names[field]} ${before[field] ?? 'plain'} → ${after[field] ?? 'plain'}`);
  if (before.dontFragment === after.dontFragment) return parts;
  return [...parts, after.dontFragment ? 'fragmentation forbidden' : 'fragmentation allowed'];
}

function describePlace(target: Target, change: TargetChange): readonly string[] {
  const parts: string[] = [];
  const { hostname = target.hostname, family = target.family, tcpPort = target.tcpPort, ip = target.ip } = change;
  if (hostname !== target.hostname) parts.push(`host ${target.hostname ?? 'none'} → ${hostname ?? 'none'} (${ip})`);
  if (family !== target.family) parts.push(`family ${familyName(target.family)} → ${familyName(family)}`);
  if (tcpPort !== target.tcpPort) parts.push(`probe ${probeName(target.tcpPort)} → ${probeName(tcpPort)}`);
  return parts;
}

const familyName = (family: Target['family']): string => (family === null ? 'any' : `IPv${family}`);
const probeName = (tcpPort: number | null): string => (tcpPort === null ? 'ICMP' : `TCP port ${tcpPort}`);

/** Whether the prober must hear of the change. */
export function isProbedOtherwise(before: Target, after: Target): boolean {
  return (
    before.intervalMillis !== after.intervalMillis ||
    before.ip !== after.ip ||
    before.tcpPort !== after.tcpPort ||
    describePacket(before.packet, after.packet).length > 0
  );
}

export function isToBeProbed({ isActive, isSynthetic }: Pick<Target, 'isActive' | 'isSynthetic'>): boolean {
  return isActive && !isSynthetic;
}
