import { type EventData, type EventType, type SeenEventType, type NewEvent, eventOf } from '../../core/event/event.ts';
import type { TargetId } from '../../core/ids.ts';
import { isProbeAllowed } from '../../core/target/probe-policy.ts';
import { Problem, targetNotFound } from '../../core/problem.ts';
import { type NewTarget, type Target, type TargetChange, normalizeTags, targetKey } from '../../core/target/target.ts';
import { createSerialQueue } from '../../core/serial-queue.ts';
import type { TargetEdit } from '../../storage/storage.ts';
import { type BulkChange, changedFields, isProbedOtherwise, isToBeProbed } from './target-changes.ts';
import { checkLimits, loadOf } from './limits.ts';
import { createNameRules, mapSome, resolvedAtOnce } from './name-rules.ts';
import type { Targets, TargetsDependencies } from './port.ts';

export function createTargets(dependencies: TargetsDependencies): Targets {
  const { storage, prober, recorder, states, feed, clock, names, policy, limits } = dependencies;
  /** One command at a time: what it read is still true when it writes. */
  const inTurn = createSerialQueue();

  function eventFor<Type extends Exclude<EventType, SeenEventType>>(
    targetId: TargetId,
    type: Type,
    data: EventData[Type],
    message?: string,
  ): NewEvent {
    return eventOf(targetId, type, data, clock.now(), message);
  }

  /** Once it is stored: the state that a command brings about, and its announcement. */
  function announce(events: readonly NewEvent[]): void {
    for (const event of events) {
      const { targetId, type, createdAt } = event;
      if (type === 'start') states.begin(targetId, 'pending', createdAt);
      if (type === 'stop') states.begin(targetId, 'paused', createdAt);
      if (type === 'delete') states.forget(targetId);
      feed.onEvent(event);
    }
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

  /** Without limits nothing needs to be read. */
  async function checkLoad(before: readonly Target[], next: Parameters<typeof checkLimits>[2]['next']): Promise<void> {
    if (limits.targetsMax === 0 && limits.probesPerSecondMax === 0) return;
    checkLimits(limits, await storage.listTargets(), { before, next });
  }

  /** The last gate: whatever was decided, nothing that the policy forbids reaches the prober. */
  function startProbing(targets: readonly Target[]): void {
    const set = targets.filter((target) => isToBeProbed(target) && isProbeAllowed(target.ip, policy));
    if (set.length > 0) prober.schedule({ set, remove: [] });
  }

  function stopProbing(ids: readonly TargetId[]): void {
    prober.schedule({ set: [], remove: ids });
    for (const id of ids) names.forget(id);
  }

  async function store(targets: readonly NewTarget[]): Promise<readonly Target[]> {
    await checkLoad([], targets);
    const startedAt = clock.now();
    const added = await storage.addTargets(targets, startedAt, startedMessage);
    announce(added.map(({ id }) => eventOf(id, 'start', {}, startedAt, startedMessage)));
    startProbing(added);
    return added;
  }

  async function changeWithEvent(target: Target, change: TargetChange, event: NewEvent): Promise<Target> {
    const changed = await storage.changeTarget(target.id, change, [event]);
    if (changed === undefined) throw targetNotFound(target.id);
    announce([event]);
    return changed;
  }

  const nameRules = createNameRules({ storage, names, policy, find, startProbing, changeWithEvent, eventFor });

  function setActive(id: TargetId, isActive: boolean): Promise<Target> {
    return inTurn(async () => {
      const target = await find(id);
      if (isActive) checkProbed(target);
      if (target.isActive === isActive) return target;
      if (isActive) await checkLoad([target], [{ ...target, isActive }]);
      const event = isActive ? eventFor(id, 'start', {}, 'Tracking resumed') : eventFor(id, 'stop', {});
      const changed = await changeWithEvent(target, { isActive }, event);
      if (isActive) startProbing([changed]);
      else stopProbing([id]);
      names.follow(changed);
      return changed;
    });
  }

  /** `undefined` if the target already is so. */
  function editFor(target: Target, change: BulkChange): TargetEdit | undefined {
    const { id } = target;
    switch (change.kind) {
      case 'pause':
        if (!target.isActive) return undefined;
        return { id, change: { isActive: false }, events: [eventFor(id, 'stop', {})] };
      case 'resume':
        checkProbed(target);
        if (target.isActive) return undefined;
        return { id, change: { isActive: true }, events: [eventFor(id, 'start', {}, 'Tracking resumed')] };
      case 'delete':
        return {
          id,
          change: { deletedAt: clock.now() },
          events: [eventFor(id, 'delete', { purged: false, by: change.by })],
        };
      case 'restore':
        if (target.deletedAt === null) return undefined;
        if (isToBeProbed(target)) checkPolicy(target.ip);
        return { id, change: { deletedAt: null }, events: [eventFor(id, 'start', {}, 'Target restored')] };
      case 'tag': {
        const kept = target.tags.filter((tag) => !change.remove.includes(tag));
        const tags = normalizeTags([...kept, ...change.add]);
        const changed = changedFields(target, { tags });
        return changed === undefined
          ? undefined
          : { id, change: { tags }, events: [eventFor(id, 'update', { changed })] };
      }
      default:
        return change satisfies never;
    }
  }

  /** Passes what has been decided about many targets to the prober. */
  function follow({ kind }: BulkChange, changed: readonly Target[]): void {
    if (kind === 'tag' || changed.length === 0) return;
    if (kind === 'resume' || kind === 'restore') {
      startProbing(changed);
      for (const target of changed) names.follow(target);
      return;
    }
    stopProbing(changed.map(({ id }) => id));
  }

  return {
    checkPolicy,
    checkProbed,
    add: async (asked) => {
      if (asked.ip !== undefined) checkPolicy(asked.ip);
      // Other commands do not wait for name servers.
      const { target, freshSeconds } = await nameRules.resolved(asked);
      return inTurn(async () => {
        const [added] = await store([target]);
        if (added === undefined) throw new Error('the storage added no target');
        names.follow(added, freshSeconds);
        return added;
      });
    },
    addMissing: async (asked) => {
      const refused: { readonly asked: (typeof asked)[number]; readonly problem: Problem }[] = [];
      const freshSeconds = new Map<string, number>();
      const taken = new Set((await storage.listTargets()).map(targetKey));
      const wanted = asked.filter((each) => !taken.has(targetKey({ ip: '', ...each })));
      const targets = (
        await mapSome(wanted, resolvedAtOnce, async (each) => {
          try {
            const { target, freshSeconds: seconds } = await nameRules.resolved(each);
            freshSeconds.set(targetKey(target), seconds);
            return [target];
          } catch (error) {
            if (!(error instanceof Problem)) throw error;
            refused.push({ asked: each, problem: error });
            return [];
          }
        })
      ).flat();
      return inTurn(async () => {
        const takenNow = new Set((await storage.listTargets()).map(targetKey));
        const missing = targets.filter((target) => {
          const key = targetKey(target);
          return !takenNow.has(key) && takenNow.add(key);
        });
        const created = missing.length > 0 ? await store(missing) : [];
        for (const target of created) names.follow(target, freshSeconds.get(targetKey(target)));
        return { created, skipped: asked.length - refused.length - missing.length, refused };
      });
    },
    onAnswer: (id, hostname, answer) => inTurn(() => nameRules.onAnswer(id, hostname, answer)),
    change: async (id, { packet, ...given }) => {
      const rest = await nameRules.withAddress(id, given);
      return inTurn(async () => {
        const target = await find(id);
        const change = packet === undefined ? rest : { ...rest, packet: { ...target.packet, ...packet } };
        const fields = changedFields(target, change);
        if (fields === undefined) return target;
        const next = { ...target, ...change };
        if (isProbedOtherwise(target, next) && isToBeProbed(next)) checkPolicy(next.ip);
        await checkLoad([target], [next]);
        const changed = await changeWithEvent(target, change, eventFor(id, 'update', { changed: fields }));
        if (isProbedOtherwise(target, changed)) startProbing([changed]);
        if (changed.hostname !== target.hostname || changed.family !== target.family) {
          nameRules.forgetTrouble(id);
          names.follow(changed);
        }
        return changed;
      });
    },
    changeMany: (ids, change) =>
      inTurn(async () => {
        const refused: { readonly id: TargetId; readonly message: string }[] = [];
        const edits: TargetEdit[] = [];
        const edited: Target[] = [];
        for (const id of new Set(ids)) {
          try {
            const target = await find(id, change.kind === 'restore');
            const edit = editFor(target, change);
            if (edit === undefined) continue;
            edits.push(edit);
            edited.push(target);
          } catch (error) {
            if (!(error instanceof Problem)) throw error;
            refused.push({ id, message: error.message });
          }
        }
        if (change.kind === 'resume' || change.kind === 'restore') await checkLoad(...loadOf(edits, edited));
        const changed = await storage.changeTargets(edits);
        announce(edits.flatMap(({ events }) => events));
        follow(change, changed);
        return { changed: changed.map(({ id }) => id), refused };
      }),
    pause: (id) => setActive(id, false),
    resume: (id) => setActive(id, true),
    remove: (id, by) =>
      inTurn(async () => {
        const target = await find(id);
        const event = eventFor(id, 'delete', { purged: false, by });
        if (!(await storage.deleteTarget(id, clock.now(), [event]))) throw targetNotFound(id);
        stopProbing([id]);
        announce([event]);
        return target;
      }),
    restore: (id) =>
      inTurn(async () => {
        const target = await find(id, true);
        const change = { kind: 'restore' } as const;
        const edit = editFor(target, change);
        if (edit === undefined) return target;
        await checkLoad(...loadOf([edit], [target]));
        const restored = await storage.changeTargets([edit]);
        announce(edit.events);
        follow(change, restored);
        return restored[0] ?? target;
      }),
    purge: (id) =>
      inTurn(async () => {
        const target = await find(id, true);
        if (!(await storage.purgeTarget(id))) throw targetNotFound(id);
        recorder.forget(id);
        stopProbing([id]);
        announce([eventFor(id, 'delete', { purged: true })]);
        return target;
      }),
  };
}

const startedMessage = 'Tracking started';
