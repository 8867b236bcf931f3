/** What somebody may do: each may do all that those before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

export function mayAct(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** What both allow. */
export function lowerRole(some: Role, other: Role): Role {
  return mayAct(some, other) ? other : some;
}
