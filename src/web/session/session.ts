import { queryOptions, useQuery } from '@tanstack/react-query';
import { type Session, login, logout, showSession } from '../../contract/access/auth.ts';
import { type Role, mayAct } from '../../core/role.ts';
import { api, onSessionExpired } from '../api.ts';
import { live } from '../live/live.ts';
import { queryClient } from '../query.ts';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => api.call(showSession),
  staleTime: 60_000,
});

export function useUser(): Session['user'] {
  return useQuery(sessionQuery).data?.user ?? null;
}

/** Whether the user's role is enough: what would be refused is not offered. */
export function useMay(needed: Role): boolean {
  return useRights()(needed);
}

/** The same for several roles. Between signing out and the sign-in screen, what everyone may see stays. */
export function useRights(): (needed: Role) => boolean {
  const role = useUser()?.role ?? 'viewer';
  return (needed) => mayAct(role, needed);
}

export async function signIn(username: string, password: string): Promise<void> {
  await api.call(login, { query: { cookie: 'true' }, body: { username, password } });
  await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 });
}

export async function signOut(where: 'here' | 'everywhere'): Promise<void> {
  live.hangUp();
  try {
    await api.call(logout, { query: { everywhere: where === 'everywhere' ? 'true' : 'false' } });
  } catch (error) {
    live.retry();
    throw error;
  }
  forgetSession();
}

/** Nothing that one user saw remains for the next. */
function forgetSession(): void {
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, { user: null });
}

/** Calls `leave` when the server no longer accepts the session. */
export function watchSession(leave: () => void): () => void {
  return onSessionExpired(() => {
    const known = queryClient.getQueryData(sessionQuery.queryKey);
    if (known?.user === null) return;
    forgetSession();
    leave();
  });
}
