import i18next from 'i18next';
import { ApiError, isUnreachable } from '../api.ts';

/** What failed, in the language in use where we know it, else as the server said it. */
export function wordsOf(error: unknown): string {
  if (isUnreachable(error)) return i18next.t('serverAway');
  // An address that may not be probed is refused with 403 too, and says why.
  if (error instanceof ApiError && error.status === 403 && error.message.includes('this call needs'))
    return i18next.t('notAllowed');
  return error instanceof Error ? error.message : String(error);
}
