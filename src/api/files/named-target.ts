import { parseTargetAddress, type Target } from '../../core/target/target.ts';
import type { Storage } from '../../storage/storage.ts';
import type { LogRecord } from './log-records.ts';

/** Tells whose results a row holds when they do not belong to this target. */
export type StrangerCheck = (record: Pick<LogRecord, 'names' | 'namesId'>) => string | undefined;

const addressChangesMax = 1000;

/**
 * The address or name decides, and the id only without either: the same target has other ids on other servers. Addresses that a
 * name had before belong to the target as well. When several targets on this server share an address (one by ICMP and one by TCP,
 * for example), an id of another of them counts.
 */
export async function createStrangerCheck(storage: Storage, target: Target): Promise<StrangerCheck> {
  const changes = await storage.listEvents(target.id, addressChangesMax, { types: ['address-change'] });
  const earlier = changes.flatMap(({ data }) => Object.values(data).filter((value) => typeof value === 'string'));
  const own = new Set([target.ip, target.hostname ?? target.ip, ...earlier].map(canonical));
  const all = [...(await storage.listTargets()), ...(await storage.listDeletedTargets())];
  const twins = new Set(
    all
      .filter(
        ({ id, ip, hostname }) => id !== target.id && [ip, hostname ?? ip].some((name) => own.has(canonical(name))),
      )
      .map(({ id }) => String(id)),
  );
  const known = new Map<string, boolean>();
  const isOwn = (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const answer = own.has(canonical(name));
    // There are nearly always one or two.
    if (known.size < 1000) known.set(name, answer);
    return answer;
  };
  return ({ names = [], namesId }) => {
    if (names.length > 0 && !names.some(isOwn)) return names.join(', ');
    if (names.length > 0) return namesId !== undefined && twins.has(namesId) ? `target ${namesId}` : undefined;
    return namesId === undefined || namesId === String(target.id) ? undefined : `target ${namesId}`;
  };
}

function canonical(text: string): string {
  const parsed = parseTargetAddress(text);
  return parsed.kind === 'address' ? parsed.address : text.trim().toLowerCase();
}
