/** What a caller may do: each role includes those before it. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

export function mayAct(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** The lower of two roles. */
export function lowerRole(some: Role, other: Role): Role {
  return mayAct(some, other) ? other : some;
}
