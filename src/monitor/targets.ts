import type { EventType, NewEvent } from '../core/event.ts';
import type { TargetId } from '../core/ids.ts';
import type { ProbePacket } from '../core/probe-packet.ts';
import { Problem, targetNotFound } from '../core/problem.ts';
import { type NewTarget, type Target, type TargetChange, isProbeAllowed, normalizeTags } from '../core/target.ts';
import type { Prober } from '../probe/probe.ts';
import type { Storage, TargetEdit } from '../storage/storage.ts';
import type { Clock } from './clock.ts';
import type { Feed } from './feed.ts';
import type { Outages } from './outages.ts';
import type { Recorder } from './recorder.ts';

export interface ProbePolicy {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** Every change to what is probed: decided here, told to storage, prober and feed, one after the other. */
export interface Targets {
  /** A Problem `target-exists` when the address is in use, `not-allowed` when the probe policy forbids it. */
  add(target: NewTarget): Promise<Target>;
  /** Leaves out addresses that are in use or come twice; the rest is one commit. The caller has checked the policy. */
  addMissing(targets: readonly NewTarget[]): Promise<{ readonly created: readonly Target[]; readonly skipped: number }>;
  change(id: TargetId, change: TargetUpdate): Promise<Target>;
  /** The same to many, as one commit. Unknown ids and what needs no change are left out of the ids it returns. */
  changeMany(ids: readonly TargetId[], change: BulkChange): Promise<BulkOutcome>;
  pause(id: TargetId): Promise<Target>;
  resume(id: TargetId): Promise<Target>;
  /** Leaves the list; the history stays. */
  remove(id: TargetId): Promise<Target>;
  /** Erases a target, deleted or not, for good. */
  purge(id: TargetId): Promise<Target>;
  /** A Problem `not-allowed` when the probe policy forbids the address. */
  checkPolicy(ip: string): void;
  /** That packets may go to a target: a Problem as `checkPolicy`, or `invalid-input` when its history is synthetic. */
  checkProbed(target: Target): void;
}

/** Of the packet what is given changes and the rest stays. */
export type TargetUpdate = Pick<TargetChange, 'intervalMillis' | 'url' | 'notes' | 'tags'> & {
  readonly packet?: Partial<ProbePacket>;
};

export type BulkChange =
  | { readonly kind: 'pause' | 'resume' | 'delete' | 'restore' }
  | { readonly kind: 'tag'; readonly add: readonly string[]; readonly remove: readonly string[] };

export interface BulkOutcome {
  readonly changed: readonly TargetId[];
  /** Those that cannot be changed so, with a sentence each. */
  readonly refused: readonly { readonly id: TargetId; readonly message: string }[];
}

export interface TargetsDependencies {
  readonly storage: Storage;
  readonly prober: Prober;
  readonly recorder: Recorder;
  readonly outages: Outages;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly policy: ProbePolicy;
}

export function createTargets(dependencies: TargetsDependencies): Targets {
  const { storage, prober, recorder, outages, feed, clock, policy } = dependencies;
  let queue: Promise<unknown> = Promise.resolve();

  /** One command at a time: what it read is still true when it writes. */
  function inTurn<T>(command: () => Promise<T>): Promise<T> {
    const result = queue.then(command, command);
    queue = result.catch(() => undefined);
    return result;
  }

  function eventFor(targetId: TargetId, type: EventType, message: string): NewEvent {
    return { targetId, type, message, createdAt: clock.now() };
  }

  async function find(id: TargetId, isDeletedFine = false): Promise<Target> {
    const target = await storage.findTarget(id);
    if (target === undefined || (target.deletedAt !== null && !isDeletedFine)) throw targetNotFound(id);
    return target;
  }

  function checkPolicy(ip: string): void {
    if (isProbeAllowed(ip, policy)) return;
    throw new Problem('not-allowed', `${ip} may not be probed: PROBE_ALLOW or PROBE_DENY of this server forbids it.`);
  }

  function checkProbed({ id, ip, isSynthetic }: Target): void {
    if (isSynthetic) throw new Problem('invalid-input', `Target ${id} holds synthetic history and is never probed.`);
    checkPolicy(ip);
  }

  function startProbing(targets: readonly Target[]): void {
    const set = targets.filter((target) => target.isActive && !target.isSynthetic);
    if (set.length > 0) prober.ping({ set, remove: [] });
  }

  async function store(targets: readonly NewTarget[]): Promise<readonly Target[]> {
    const added = await storage.addTargets(targets, clock.now(), startedMessage);
    startProbing(added);
    for (const { id } of added) feed.onEvent(eventFor(id, 'start', startedMessage));
    return added;
  }

  async function changeWithEvent(target: Target, change: TargetChange, event: NewEvent): Promise<Target> {
    const changed = await storage.changeTarget(target.id, change, [event]);
    if (changed === undefined) throw targetNotFound(target.id);
    feed.onEvent(event);
    return changed;
  }

  function setActive(id: TargetId, isActive: boolean): Promise<Target> {
    return inTurn(async () => {
      const target = await find(id);
      if (isActive) checkProbed(target);
      if (target.isActive === isActive) return target;
      const event = isActive ? eventFor(id, 'start', 'Tracking resumed') : eventFor(id, 'stop', 'Tracking paused');
      const changed = await changeWithEvent(target, { isActive }, event);
      if (isActive) startProbing([changed]);
      else prober.ping({ set: [], remove: [id] });
      return changed;
    });
  }

  /** `undefined` where the target is so already. */
  function editFor(target: Target, change: BulkChange): TargetEdit | undefined {
    const { id } = target;
    switch (change.kind) {
      case 'pause':
        if (!target.isActive) return undefined;
        return { id, change: { isActive: false }, events: [eventFor(id, 'stop', 'Tracking paused')] };
      case 'resume':
        checkProbed(target);
        if (target.isActive) return undefined;
        return { id, change: { isActive: true }, events: [eventFor(id, 'start', 'Tracking resumed')] };
      case 'delete':
        return { id, change: { deletedAt: clock.now() }, events: [eventFor(id, 'delete', deletedMessage)] };
      case 'restore':
        if (target.deletedAt === null) return undefined;
        return { id, change: { deletedAt: null }, events: [eventFor(id, 'start', 'Target restored')] };
      case 'tag': {
        const kept = target.tags.filter((tag) => !change.remove.includes(tag));
        const tags = normalizeTags([...kept, ...change.add]);
        const message = describeChange(target, { tags });
        return message === undefined ? undefined : { id, change: { tags }, events: [eventFor(id, 'update', message)] };
      }
      default:
        return change satisfies never;
    }
  }

  /** Tells the prober what has been decided about many. */
  function follow({ kind }: BulkChange, changed: readonly Target[]): void {
    if (kind === 'tag' || changed.length === 0) return;
    if (kind === 'resume' || kind === 'restore') return startProbing(changed);
    prober.ping({ set: [], remove: changed.map(({ id }) => id) });
    if (kind === 'delete') for (const { id } of changed) outages.forget(id);
  }

  return {
    checkPolicy,
    checkProbed,
    add: (target) =>
      inTurn(async () => {
        checkPolicy(target.ip);
        const [added] = await store([target]);
        if (added === undefined) throw new Error('the storage added no target');
        return added;
      }),
    addMissing: (targets) =>
      inTurn(async () => {
        const taken = new Set((await storage.listTargets()).map((target) => target.ip));
        const missing = targets.filter(({ ip }) => !taken.has(ip) && taken.add(ip));
        const created = missing.length > 0 ? await store(missing) : [];
        return { created, skipped: targets.length - missing.length };
      }),
    change: (id, { packet, ...rest }) =>
      inTurn(async () => {
        const target = await find(id);
        const change = packet === undefined ? rest : { ...rest, packet: { ...target.packet, ...packet } };
        const message = describeChange(target, change);
        if (message === undefined) return target;
        const changed = await changeWithEvent(target, change, eventFor(id, 'update', message));
        const isProbedOtherwise =
          changed.intervalMillis !== target.intervalMillis || describePacket(target.packet, changed.packet).length > 0;
        if (isProbedOtherwise) startProbing([changed]);
        return changed;
      }),
    changeMany: (ids, change) =>
      inTurn(async () => {
        const refused: { readonly id: TargetId; readonly message: string }[] = [];
        const edits: TargetEdit[] = [];
        for (const id of new Set(ids)) {
          try {
            const target = await find(id, change.kind === 'restore');
            const edit = editFor(target, change);
            if (edit !== undefined) edits.push(edit);
          } catch (error) {
            if (!(error instanceof Problem)) throw error;
            refused.push({ id, message: error.message });
          }
        }
        const changed = await storage.changeTargets(edits);
        follow(change, changed);
        for (const { events } of edits) for (const event of events) feed.onEvent(event);
        return { changed: changed.map(({ id }) => id), refused };
      }),
    pause: (id) => setActive(id, false),
    resume: (id) => setActive(id, true),
    remove: (id) =>
      inTurn(async () => {
        const target = await find(id);
        const event = eventFor(id, 'delete', deletedMessage);
        if (!(await storage.deleteTarget(id, clock.now(), [event]))) throw targetNotFound(id);
        prober.ping({ set: [], remove: [id] });
        outages.forget(id);
        feed.onEvent(event);
        return target;
      }),
    purge: (id) =>
      inTurn(async () => {
        const target = await find(id, true);
        prober.ping({ set: [], remove: [id] });
        recorder.forget(id);
        outages.forget(id);
        if (!(await storage.purgeTarget(id))) throw targetNotFound(id);
        feed.onEvent(eventFor(id, 'delete', 'Target and history erased'));
        return target;
      }),
  };
}

const startedMessage = 'Tracking started';
const deletedMessage = 'Target deleted; its history is kept';

/** What an update says in the event log; `undefined` when nothing changes. */
function describeChange(target: Target, change: TargetChange): string | undefined {
  const parts: string[] = [];
  if (change.intervalMillis !== undefined && change.intervalMillis !== target.intervalMillis) {
    parts.push(`frequency ${target.intervalMillis / 1000} s → ${change.intervalMillis / 1000} s`);
  }
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
  return changed.map((field) => `${names[field]} ${before[field] ?? 'plain'} → ${after[field] ?? 'plain'}`);
}
