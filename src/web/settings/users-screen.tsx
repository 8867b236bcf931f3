import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Trash2, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type UserEntry, changeUser, deleteUser } from '../../contract/access/accounts.ts';
import type { Role } from '../../core/role.ts';
import { ApiError, api } from '../api.ts';
import { useFormat } from '../i18n/format.ts';
import { wordsOf } from '../i18n/words-of.ts';
import { useUser } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/card.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { Select } from '../ui/select.tsx';
import { ErrorState, Skeleton } from '../ui/states.tsx';
import { say } from '../ui/toast.ts';
import { roleOptions, tokensQuery, usersQuery } from './accounts.ts';
import { UserDialog } from './user-dialog.tsx';

export function UsersScreen() {
  const { t } = useTranslation(['access', 'common']);
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(usersQuery);
  const [edited, setEdited] = useState<UserEntry | 'new'>();
  const [deleted, setDeleted] = useState<UserEntry>();
  const [ownRole, setOwnRole] = useState<{ readonly user: UserEntry; readonly role: Role }>();
  const own = useUser()?.username;
  const [fault, setFault] = useState<string>();

  async function attempt(work: () => Promise<void>): Promise<void> {
    setFault(undefined);
    try {
      await work();
    } catch (failure) {
      setFault(failure instanceof ApiError && failure.status === 409 ? t('onlyAdmin') : wordsOf(failure));
    }
    await queries.invalidateQueries({ queryKey: usersQuery.queryKey });
  }
  const changeRole = ({ username }: UserEntry, role: Role): Promise<void> =>
    attempt(async () => {
      await api.call(changeUser, { params: { username }, body: { role } });
      say(t('roleChanged', { username }));
    });
  const remove = ({ username }: UserEntry): Promise<void> =>
    attempt(async () => {
      await api.call(deleteUser, { params: { username } });
      await queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
      say(t('userDeleted', { username }));
    });

  return (
    <Section
      title={t('part.users')}
      text={t('usersText')}
      actions={
        <Button look="primary" onClick={() => setEdited('new')}>
          <UserPlus aria-hidden /> {t('addUser')}
        </Button>
      }
    >
      {fault !== undefined && (
        <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
          {fault}
        </p>
      )}
      {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {error === null && data === undefined && <Skeleton className="h-40" />}
      <ul aria-label={t('part.users')} className="grid">
        {data?.map((user) => (
          <UserRow
            key={user.username}
            user={user}
            onRole={(role) => {
              if (user.username === own) setOwnRole({ user, role });
              else void changeRole(user, role);
            }}
            onPassword={() => setEdited(user)}
            onDelete={() => setDeleted(user)}
          />
        ))}
      </ul>
      <dl className="grid gap-x-4 gap-y-1 text-small text-ink-2 sm:grid-cols-[9rem_1fr]">
        {roleOptions((role) => t(`common:role.${role}`)).map(({ value, label }) => (
          <div key={value} className="contents">
            <dt className="font-medium">{label}</dt>
            <dd className="mb-1">{t(`may.${value}`)}</dd>
          </div>
        ))}
      </dl>
      {edited !== undefined && (
        <UserDialog user={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
      <Confirmation
        open={ownRole !== undefined}
        onOpenChange={() => setOwnRole(undefined)}
        title={t('changeOwnRoleTitle', { role: t(`common:role.${ownRole?.role ?? 'viewer'}`) })}
        description={t('changeOwnRoleText')}
        action={t('changeOwnRole')}
        onConfirm={() => {
          if (ownRole !== undefined) void changeRole(ownRole.user, ownRole.role);
        }}
      />
      <Confirmation
        open={deleted !== undefined}
        onOpenChange={() => setDeleted(undefined)}
        title={t('deleteUserTitle', { username: deleted?.username ?? '' })}
        description={t('deleteUserText')}
        action={t('deleteUser')}
        onConfirm={() => {
          if (deleted !== undefined) void remove(deleted);
        }}
      />
    </Section>
  );
}

function UserRow({
  user,
  onRole,
  onPassword,
  onDelete,
}: {
  readonly user: UserEntry;
  readonly onRole: (role: Role) => void;
  readonly onPassword: () => void;
  readonly onDelete: () => void;
}) {
  const { t } = useTranslation(['access', 'common']);
  const format = useFormat();
  const isOwn = useUser()?.username === user.username;
  const { username } = user;
  return (
    <li
      data-user={username}
      className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line py-2.5 last:border-0"
    >
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium break-all" translate="no" data-server-text>
            {username}
          </span>
          {isOwn && <Badge>{t('you')}</Badge>}
          {!user.has_chosen_password && <Badge>{t('seedPassword')}</Badge>}
        </p>
        <p className="text-small text-ink-3">{t('userSince', { time: format.dateTime(user.created_at) })}</p>
      </div>
      <div className="flex items-center gap-1.5">
        <Select
          aria-label={t('roleOf', { username })}
          value={user.role}
          onChange={onRole}
          options={roleOptions((role) => t(`common:role.${role}`))}
        />
        <Button size="icon" aria-label={t('setPasswordOf', { username })} title={t('setPassword')} onClick={onPassword}>
          <KeyRound aria-hidden />
        </Button>
        <Button
          size="icon"
          look="danger"
          aria-label={t('deleteUserTitle', { username })}
          title={t('deleteUser')}
          onClick={onDelete}
        >
          <Trash2 aria-hidden />
        </Button>
      </div>
    </li>
  );
}
