import type { EventData, EventType, SeenEventType, NewEvent } from '../../core/event/event.ts';
import type { TargetId } from '../../core/ids.ts';
import { type ProbePolicy, isProbeAllowed } from '../../core/target/probe-policy.ts';
import { Problem } from '../../core/problem.ts';
import { type NewTarget, type Target, type TargetChange } from '../../core/target/target.ts';
import type { Storage } from '../../storage/storage.ts';
import { type AskedTarget, type NameAnswer, type Names, forbiddenSentence } from './names.ts';

/** What a name's resolution means for its target. */
interface NameRules {
  /** With the current address of its name, and how long that is valid. */
  resolved(asked: AskedTarget): Promise<{ readonly target: NewTarget; readonly freshSeconds: number }>;
  /** Applies an answer: a new address is stored with its event and probed; trouble is reported once. */
  onAnswer(id: TargetId, hostname: string, answer: NameAnswer): Promise<void>;
  /** The change, with the address that follows from another name or family. */
  withAddress(id: TargetId, change: TargetChange): Promise<TargetChange>;
  forgetTrouble(id: TargetId): void;
}

interface NameRulesParts {
  readonly storage: Pick<Storage, 'findTarget'>;
  readonly names: Pick<Names, 'firstAddress'>;
  readonly policy: ProbePolicy;
  readonly find: (id: TargetId) => Promise<Target>;
  readonly startProbing: (targets: readonly Target[]) => void;
  readonly changeWithEvent: (target: Target, change: TargetChange, event: NewEvent) => Promise<Target>;
  readonly eventFor: <Type extends Exclude<EventType, SeenEventType>>(
    id: TargetId,
    type: Type,
    data: EventData[Type],
    message?: string,
  ) => NewEvent;
}

export function createNameRules(parts: NameRulesParts): NameRules {
  const { storage, names, policy, find, startProbing, changeWithEvent, eventFor } = parts;
  /** Targets whose trouble with their name has been reported. */
  const troubled = new Set<TargetId>();

  async function resolved(asked: AskedTarget): Promise<{ readonly target: NewTarget; readonly freshSeconds: number }> {
    const { hostname = null, family = null, ip } = asked;
    if (hostname === null) {
      if (ip === undefined) throw new Error('a target without name and address');
      return { target: { ...asked, ip }, freshSeconds: 0 };
    }
    const first = await names.firstAddress({ hostname, family, ip });
    return { target: { ...asked, ip: first.ip }, freshSeconds: first.ttlSeconds };
  }

  async function onAnswer(id: TargetId, hostname: string, answer: NameAnswer): Promise<void> {
    const target = await storage.findTarget(id);
    if (target === undefined || target.deletedAt !== null || target.hostname !== hostname) return;
    if (answer instanceof Problem) return sayTrouble(target, answer.message.replace(/\.$/, ''));
    const allowed = answer.addresses.filter((address) => isProbeAllowed(address, policy));
    const [first] = allowed;
    if (first === undefined) return sayTrouble(target, forbiddenSentence(hostname, answer.addresses));
    // The address in use may belong to the family that did not answer.
    const { unroutable } = answer;
    const isOtherBetter = unroutable.includes(target.ip) && !unroutable.includes(first);
    if ((allowed.includes(target.ip) && !isOtherBetter) || (answer.isPartial && isProbeAllowed(target.ip, policy))) {
      if (!troubled.delete(id)) return;
      const changed = { is_resolved: { before: false, after: true } };
      const message = `${hostname} is resolved again; its address is ${target.ip}.`;
      await changeWithEvent(target, {}, eventFor(id, 'update', { changed }, message));
      return;
    }
    troubled.delete(id);
    const message = `Address of ${hostname} changed: ${target.ip} → ${first}`;
    const event = eventFor(id, 'address-change', { before: target.ip, after: first }, message);
    startProbing([await changeWithEvent(target, { ip: first }, event)]);
  }

  async function sayTrouble(target: Target, why: string): Promise<void> {
    if (troubled.has(target.id)) return;
    troubled.add(target.id);
    // A setting may have forbidden the stored address since; probing then stops.
    const stays = isProbeAllowed(target.ip, policy)
      ? `${target.ip} stays in use`
      : `${target.ip}, which it was before, is forbidden as well, so it is not probed`;
    await changeWithEvent(target, {}, eventFor(target.id, 'address-failure', { reason: `${why}; ${stays}.` }));
  }

  async function withAddress(id: TargetId, change: TargetChange): Promise<TargetChange> {
    if (change.hostname === undefined && change.family === undefined) return change;
    const target = await find(id);
    const hostname = change.hostname === undefined ? target.hostname : change.hostname;
    if (hostname === null) {
      if (change.family === undefined || change.family === null) return { ...change, hostname, family: null };
      const message = 'is for a host only.';
      throw new Problem('invalid-input', `family ${message}`, { faults: [{ field: 'family', message }] });
    }
    const family = change.family === undefined ? target.family : change.family;
    if (hostname === target.hostname && family === target.family) return { ...change, hostname, family };
    const { ip } = await names.firstAddress({ hostname, family });
    return { ...change, hostname, family, ip };
  }

  return { resolved, onAnswer, withAddress, forgetTrouble: (id) => void troubled.delete(id) };
}

/** How many names are resolved at the same time when many are added. */
export const resolvedAtOnce = 16;

/** Like `map`, with this many at once. */
export async function mapSome<From, To>(
  values: readonly From[],
  atOnce: number,
  map: (value: From) => Promise<To>,
): Promise<readonly To[]> {
  const results: To[] = [];
  const iterator = values.entries();
  const work = async (): Promise<void> => {
    for (const [index, value] of iterator) results[index] = await map(value);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
