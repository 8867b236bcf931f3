import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ApiTokenEntry, deleteApiToken } from '../../contract/access/accounts.ts';
import { api } from '../api.ts';
import { serverNow } from '../clock/clock.ts';
import { useFormat } from '../i18n/format.ts';
import { useMay } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/card.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { EmptyState, ErrorState, Skeleton } from '../ui/states.tsx';
import { say, sayFailure } from '../ui/toast.ts';
import { tokensQuery } from './accounts.ts';
import { TokenDialog } from './token-dialog.tsx';

export function TokensScreen() {
  const { t } = useTranslation(['access', 'common']);
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(tokensQuery);
  const [isAdding, setAdding] = useState(false);
  const [revoked, setRevoked] = useState<ApiTokenEntry>();
  const isAdmin = useMay('admin');

  async function revoke({ id, name }: ApiTokenEntry): Promise<void> {
    try {
      await api.call(deleteApiToken, { params: { id } });
      say(t('tokenRevoked', { name }));
    } catch (failure) {
      sayFailure(failure);
    }
    await queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
  }

  return (
    <Section
      title={t('part.tokens')}
      text={t(isAdmin ? 'tokensTextAdmin' : 'tokensText')}
      actions={
        <Button look="primary" onClick={() => setAdding(true)}>
          <Plus aria-hidden /> {t('addToken')}
        </Button>
      }
    >
      {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {error === null && data === undefined && <Skeleton className="h-24" />}
      {data?.length === 0 && <EmptyState title={t('noTokens')} text={t('noTokensText')} />}
      {data !== undefined && data.length > 0 && (
        <ul aria-label={t('part.tokens')} className="grid">
          {data.map((token) => (
            <TokenRow key={token.id} token={token} isUserShown={isAdmin} onRevoke={() => setRevoked(token)} />
          ))}
        </ul>
      )}
      {isAdding && <TokenDialog onClose={() => setAdding(false)} />}
      <Confirmation
        open={revoked !== undefined}
        onOpenChange={() => setRevoked(undefined)}
        title={t('revokeTitle', { name: revoked?.name ?? '' })}
        description={t('revokeText')}
        action={t('revoke')}
        onConfirm={() => {
          if (revoked !== undefined) void revoke(revoked);
        }}
      />
    </Section>
  );
}

function TokenRow({
  token: { name, role, username, expires_at: expiresAt, last_used_at: lastUsedAt },
  isUserShown,
  onRevoke,
}: {
  readonly token: ApiTokenEntry;
  readonly isUserShown: boolean;
  readonly onRevoke: () => void;
}) {
  const { t } = useTranslation(['access', 'common']);
  const format = useFormat();
  const isOver = expiresAt !== null && Date.parse(expiresAt) <= serverNow();
  return (
    <li data-token={name} className="flex items-center justify-between gap-4 border-b border-line py-2.5 last:border-0">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium break-all" data-server-text>
            {name}
          </span>
          <Badge>{t(`common:role.${role}`)}</Badge>
          {isUserShown && (
            <span className="text-small text-ink-2" translate="no" data-server-text>
              {username}
            </span>
          )}
        </p>
        <p className="flex flex-wrap gap-x-3 text-small text-ink-3">
          <span className={isOver ? 'text-bad' : undefined}>
            {expiresAt === null
              ? t('neverExpires')
              : t(isOver ? 'expired' : 'expires', { time: format.dateTime(expiresAt) })}
          </span>
          <span>{lastUsedAt === null ? t('neverUsed') : t('lastUsed', { time: format.dateTime(lastUsedAt) })}</span>
        </p>
      </div>
      <Button size="icon" look="danger" aria-label={t('revokeTitle', { name })} title={t('revoke')} onClick={onRevoke}>
        <Trash2 aria-hidden />
      </Button>
    </li>
  );
}
