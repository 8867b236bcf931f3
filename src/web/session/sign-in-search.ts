export interface SignInSearch {
  /** Where to go after signing in. */
  readonly next?: string;
  readonly reason?: 'expired';
}

export function parseSignInSearch(search: Readonly<Record<string, unknown>>): SignInSearch {
  const { next, reason } = search;
  return { ...(isOwnAddress(next) ? { next } : {}), ...(reason === 'expired' ? { reason } : {}) };
}

/** Only our own screens: an address that leads elsewhere is not followed after signing in. */
function isOwnAddress(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value);
}
