import { useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listAudit } from '../../contract/access/accounts.ts';
import { api } from '../api.ts';
import { useFormat } from '../i18n/format.ts';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/card.tsx';
import { Field, Input } from '../ui/input.tsx';
import { EmptyState, ErrorState, Skeleton } from '../ui/states.tsx';
import { AuditRow } from './audit-row.tsx';

const pageSize = 50;

export function AuditScreen() {
  const { t } = useTranslation('access');
  const { timeZone } = useFormat();
  const [typed, setTyped] = useState('');
  const [username, setUsername] = useState('');
  const log = useInfiniteQuery({
    queryKey: ['audit', username],
    queryFn: ({ pageParam, signal }) =>
      api.call(listAudit, {
        query: {
          limit: pageSize,
          ...(pageParam === undefined ? {} : { before: pageParam }),
          ...(username === '' ? {} : { username }),
        },
        signal,
      }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.id),
    staleTime: 0,
  });
  const entries = log.data?.pages.flat() ?? [];

  function filter(event: FormEvent): void {
    event.preventDefault();
    setUsername(typed.trim());
  }
  function showAll(): void {
    setTyped('');
    setUsername('');
  }

  return (
    <Section title={t('part.audit')} text={t('auditText', { zone: timeZone })}>
      <form className="flex flex-wrap items-end gap-2" role="search" onSubmit={filter}>
        <Field label={t('filterUser')}>
          {(parts) => (
            <Input
              {...parts}
              autoComplete="off"
              maxLength={200}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit">{t('filter')}</Button>
        {username !== '' && <Button onClick={showAll}>{t('showAll')}</Button>}
      </form>
      {log.isError && <ErrorState error={log.error} onRetry={() => void log.refetch()} />}
      {log.isPending && <Skeleton className="h-40" />}
      {log.isSuccess && entries.length === 0 && <EmptyState title={t('nothingLogged')} />}
      {entries.length > 0 && (
        <ol aria-label={t('part.audit')} className="grid">
          {entries.map((entry) => (
            <AuditRow key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {log.hasNextPage && (
        <Button
          className="justify-self-center"
          disabled={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          {t('older')}
        </Button>
      )}
    </Section>
  );
}
