import { queryOptions } from '@tanstack/react-query';
import { listApiTokens, listUsers } from '../../contract/access/accounts.ts';
import { type Role, roles } from '../../core/role.ts';
import { api } from '../api.ts';

export const usersQuery = queryOptions({ queryKey: ['users'], queryFn: () => api.call(listUsers) });
export const tokensQuery = queryOptions({ queryKey: ['tokens'], queryFn: () => api.call(listApiTokens) });

/** For a list to choose from; up to `most`. */
export function roleOptions(
  wordOf: (role: Role) => string,
  most: Role = 'admin',
): readonly { readonly value: Role; readonly label: string }[] {
  return roles.slice(0, roles.indexOf(most) + 1).map((value) => ({ value, label: wordOf(value) }));
}
