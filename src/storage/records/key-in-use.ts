import { Problem } from '../../core/problem.ts';

/** Another target, deleted or not, is what this one was to become. */
export function keyInUse(key: string, holderId: number, isDeleted: boolean): Problem {
  const which = isDeleted
    ? `is that of target ${holderId}, which is deleted: erase that one first`
    : 'is already monitored';
  return new Problem('target-exists', `${key} ${which}.`);
}
