import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { auditEntry } from '../../contract/access/accounts.ts';
import { useFormat } from '../i18n/format.ts';
import { classNames } from '../ui/class-names.ts';

const told = [
  ...(['login', 'logout', 'changePassword', 'addUser', 'changeUser', 'deleteUser', 'addApiToken'] as const),
  ...([
    'deleteApiToken',
    'addTarget',
    'addTargets',
    'changeTarget',
    'changeTargets',
    'pauseTarget',
    'restoreTarget',
  ] as const),
  ...([
    'resumeTarget',
    'deleteTarget',
    'importTargets',
    'importLogs',
    'undoImport',
    'traceTarget',
    'seedHistory',
  ] as const),
] as const;

/** Who did what, when, from where, and with what outcome; the call and its body on demand. */
export function AuditRow({ entry }: { readonly entry: z.infer<typeof auditEntry> }) {
  const { t } = useTranslation('access');
  const format = useFormat();
  const action = told.find((each) => each === entry.action);
  const outcome = outcomeOf(entry.status);
  return (
    <li data-action={entry.action} data-status={entry.status} className="border-b border-line py-2 last:border-0">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <p className="min-w-0">
          <span className="font-medium break-all" translate="no" data-server-text>
            {entry.username === '' ? '?' : entry.username}
          </span>{' '}
          {entry.api_token !== null && (
            <span className="text-small text-ink-3" data-api-token={entry.api_token}>
              {t('byToken', { name: entry.api_token })}{' '}
            </span>
          )}
          {action === undefined ? (
            <code translate="no" data-server-text>
              {entry.action}
            </code>
          ) : (
            <span>{t(`action.${action}`)}</span>
          )}
        </p>
        <p className={classNames('text-small', outcome === 'done' ? 'text-good' : 'text-bad')}>
          {outcome === 'failed' ? t('outcome.failed', { status: entry.status }) : t(`outcome.${outcome}`)}
        </p>
      </div>
      <details className="text-small text-ink-3">
        <summary className="cursor-pointer">
          <time dateTime={entry.at}>{format.dateTime(entry.at)}</time>
          {' · '}
          <span className="break-all" translate="no" data-server-text>
            {entry.address}
          </span>
        </summary>
        <pre
          className="mt-1 rounded-md bg-sunken p-2 font-mono break-all whitespace-pre-wrap text-ink-2"
          translate="no"
          data-server-text
        >
          {entry.detail === null ? entry.path : `${entry.path}\n${entry.detail}`}
        </pre>
      </details>
    </li>
  );
}

function outcomeOf(status: number): 'done' | 'refused' | 'wrongPassword' | 'tooMany' | 'failed' {
  if (status < 400) return 'done';
  if (status === 401) return 'wrongPassword';
  if (status === 403) return 'refused';
  return status === 429 ? 'tooMany' : 'failed';
}
