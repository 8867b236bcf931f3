import { parseTargetAddress, type Target } from '../../core/target/target.ts';
import type { Storage } from '../../storage/storage.ts';
import type { LogRecord } from './log-records.ts';

/** Says of a row of a file whose results it holds, where those are not the target's. */
export type StrangerCheck = (record: Pick<LogRecord, 'names' | 'namesId'>) => string | undefined;

const addressChangesMax = 1000;

/**
 * An address or name decides, and the id only where there is neither: the same target has another id on another server,
 * and another target the same one. Addresses that a name had before are the target's as well. Where several targets of this
 * server share an address, as one by ICMP and one by TCP do, an id of one of the others is that other's.
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
    // As good as always there are one or two.
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
