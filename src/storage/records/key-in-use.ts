import { Problem } from '../../core/problem.ts';

/** Another target, deleted or not, already is what this one was to become. */
export function keyInUse(key: string, holderId: number, isDeleted: boolean): Problem {
  const which = isDeleted
    ? `belongs to target ${holderId}, which is deleted: restore that one, or erase it first`
    : 'is already monitored';
  return new Problem('target-exists', `${key} ${which}.`);
}
