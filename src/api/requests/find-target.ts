import { type TargetId, parseTargetId } from '../../core/ids.ts';
import { targetNotFound } from '../../core/problem.ts';
import type { Target } from '../../core/target/target.ts';
import type { Storage } from '../../storage/storage.ts';

export function targetIdOf(id: number): TargetId {
  const parsed = parseTargetId(id);
  if (parsed === undefined) throw targetNotFound(id);
  return parsed;
}

/** A target on the list; throws a Problem `target-not-found` for unknown and deleted ones. */
export async function findTarget(storage: Storage, id: number): Promise<Target> {
  const target = await findWithHistory(storage, id);
  if (target.deletedAt !== null) throw targetNotFound(id);
  return target;
}

/** A target whose history can be read, including deleted ones. */
export async function findWithHistory(storage: Storage, id: number): Promise<Target> {
  const target = await storage.findTarget(targetIdOf(id));
  if (target === undefined) throw targetNotFound(id);
  return target;
}
