import i18next from 'i18next';
import { ApiError, isUnreachable } from '../api.ts';
import { mayBeOutdated, PartMissing } from '../parts.ts';

/** What failed, in the current language if known, otherwise in the server's words. */
export function wordsOf(error: unknown): string {
  if (isUnreachable(error)) return i18next.t('serverAway');
  if (error instanceof PartMissing) return i18next.t('partMissing');
  if (mayBeOutdated(error)) return i18next.t('answerUnknown');
  if (error instanceof ApiError && error.details.type.endsWith(':role-too-low')) return i18next.t('notAllowed');
  return error instanceof Error ? error.message : String(error);
}
