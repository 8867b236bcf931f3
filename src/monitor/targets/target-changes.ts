import type { ChangedFields, ChangedValue } from '../../core/event/event.ts';
import type { TargetId } from '../../core/ids.ts';
import type { ProbePacket } from '../../core/target/probe-packet.ts';
import { portOf, probeWords } from '../../core/target/probe-kinds.ts';
import type { Target, TargetChange } from '../../core/target/target.ts';

/** The given properties of the packet change, and the rest stays. */
export type TargetUpdate = Pick<
  TargetChange,
  'intervalMillis' | 'url' | 'notes' | 'tags' | 'hostname' | 'family' | 'probe' | 'name'
> & { readonly packet?: Partial<ProbePacket> };

export type BulkChange =
  | { readonly kind: 'pause' | 'resume' | 'restore' }
  /** `by`: the name of the user. */
  | { readonly kind: 'delete'; readonly by: string }
  | { readonly kind: 'tag'; readonly add: readonly string[]; readonly remove: readonly string[] };

export interface BulkOutcome {
  readonly changed: readonly TargetId[];
  /** Those that cannot be changed in this way, with a sentence each. */
  readonly refused: readonly { readonly id: TargetId; readonly message: string }[];
}

/** The fields that a change changes, by their external names and in their external units; `undefined` if there are none. */
export function changedFields(target: Target, change: TargetChange): ChangedFields | undefined {
  const [before, after] = [outerFields(target), outerFields({ ...target, ...change })];
  const changed = Object.entries(before).flatMap(([field, value]) => {
    const next = after[field] ?? null;
    return isDeepEqual(value, next) ? [] : [[field, { before: value, after: next }] as const];
  });
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function outerFields({ name, intervalMillis, hostname, family, probe, ip, url, notes, tags, packet }: Target) {
  const fields: Record<string, ChangedValue> = {
    ...{
      name,
      frequency: intervalMillis / 1000,
      ip,
      host: hostname,
      probe: probe.kind,
      port: portOf(probe),
      url,
      notes,
      tags,
    },
    family: family === null ? null : `ipv${family}`,
    ...{ packet_size: packet.payloadBytes, dscp: packet.dscp, ttl: packet.ttl, dont_fragment: packet.dontFragment },
  };
  return fields;
}

function isDeepEqual(a: ChangedValue, b: ChangedValue): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && a.join('\n') === b.join('\n'));
}

/** Whether the change concerns the prober. */
export function isProbedOtherwise(before: Target, after: Target): boolean {
  return (
    before.intervalMillis !== after.intervalMillis ||
    before.ip !== after.ip ||
    probeWords(before.probe) !== probeWords(after.probe) ||
    before.packet.payloadBytes !== after.packet.payloadBytes ||
    before.packet.dscp !== after.packet.dscp ||
    before.packet.ttl !== after.packet.ttl ||
    before.packet.dontFragment !== after.packet.dontFragment
  );
}

export function isToBeProbed({ isActive, isSynthetic }: Pick<Target, 'isActive' | 'isSynthetic'>): boolean {
  return isActive && !isSynthetic;
}
