import { ApiError, createClient } from '../contract/client.ts';
import { serverUrl } from './base-path.ts';
import { fetchAndLearn } from './clock/clock.ts';

const expiredListeners = new Set<() => void>();

/** Called when the server no longer accepts our session. */
export function onSessionExpired(listener: () => void): () => void {
  expiredListeners.add(listener);
  return () => expiredListeners.delete(listener);
}

/** Every call of the API, with the session's cookie. */
export const api = createClient({
  baseUrl: serverUrl,
  token: undefined,
  fetch: async (input, init) => {
    const response = await fetchAndLearn(input, { ...init, credentials: 'same-origin' });
    const isSignIn = typeof input === 'string' && input.startsWith(`${serverUrl}/auth/`);
    if (response.status === 401 && !isSignIn) for (const listener of expiredListeners) listener();
    return response;
  },
});

export { ApiError };

/** Whether nobody answered at all: a network problem, or the server is unavailable. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof ApiError && isProxyFailure(error));
}

/** A proxy in front of the server answered instead. */
function isProxyFailure({ status, details }: ApiError): boolean {
  return [502, 503, 504].includes(status) && details.type === 'about:blank';
}

/** Whether the requested thing does not exist, or cannot: its id is unknown or invalid. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 422);
}
