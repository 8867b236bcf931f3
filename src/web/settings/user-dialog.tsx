import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type UserEntry, addUser, changeUser } from '../../contract/access/accounts.ts';
import type { Role } from '../../core/role.ts';
import { ApiError, api } from '../api.ts';
import { wordsOf } from '../i18n/words-of.ts';
import { EndTokens } from '../session/end-tokens.tsx';
import { useUser } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { say } from '../ui/toast.ts';
import { roleOptions, tokensQuery, usersQuery } from './accounts.ts';

type Faults = Readonly<Partial<Record<'username' | 'password' | 'other', string>>>;

/** Adds a user, or sets the password of `user`. */
export function UserDialog({ user, onClose }: { readonly user: UserEntry | undefined; readonly onClose: () => void }) {
  const { t } = useTranslation(['access', 'session', 'common']);
  const queries = useQueryClient();
  const isOwn = useUser()?.username === user?.username;
  const [username, setUsername] = useState(user?.username ?? '');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [faults, setFaults] = useState<Faults>({});
  const [isBusy, setBusy] = useState(false);
  const [endsTokens, setEndsTokens] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      if (user === undefined) await api.call(addUser, { body: { username, password, role } });
      else {
        const tokens = endsTokens ? { end_api_tokens: true } : {};
        await api.call(changeUser, { params: { username }, body: { password, ...tokens } });
      }
      say(t(user === undefined ? 'userAdded' : endsTokens ? 'passwordSetTokens' : 'passwordSet', { username }));
      if (endsTokens) await queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
      await queries.invalidateQueries({ queryKey: usersQuery.queryKey });
      onClose();
    } catch (error) {
      setFaults(faultsOf(error));
      setBusy(false);
    }
  }

  function faultsOf(error: unknown): Faults {
    if (!(error instanceof ApiError)) return { other: wordsOf(error) };
    if (error.status === 409) return { username: t('nameTaken') };
    const fields = error.details.errors?.map(({ field }) => field) ?? [];
    const faulty = {
      ...(fields.includes('username') ? { username: t('nameRule') } : {}),
      ...(fields.includes('password') ? { password: t('session:tooWeak', { count: 8 }) } : {}),
    };
    return Object.keys(faulty).length > 0 ? faulty : { other: wordsOf(error) };
  }

  const title = user === undefined ? t('addUser') : t('setPasswordOf', { username });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={title}
      {...(user === undefined ? {} : { description: t(isOwn ? 'setOwnPasswordText' : 'setPasswordText') })}
    >
      <form className="grid gap-3" aria-label={title} onSubmit={(event) => void submit(event)}>
        <Field
          label={t('session:username')}
          fault={faults.username}
          {...(user === undefined ? { hint: t('nameRule') } : {})}
        >
          {(parts) => (
            <Input
              {...parts}
              autoComplete="off"
              required
              maxLength={200}
              readOnly={user !== undefined}
              value={username}
              onChange={(event) => setUsername(event.target.value)}
            />
          )}
        </Field>
        <Field label={t('session:newPassword')} hint={t('session:passwordRule', { count: 8 })} fault={faults.password}>
          {(parts) => (
            <Input
              {...parts}
              type="password"
              autoComplete="new-password"
              required
              minLength={8}
              maxLength={1000}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {user === undefined && (
          <Field label={t('role')} hint={t(`may.${role}`)}>
            {({ id, 'aria-describedby': describedBy }) => (
              <Select
                id={id}
                aria-describedby={describedBy}
                value={role}
                onChange={setRole}
                options={roleOptions((each) => t(`common:role.${each}`))}
              />
            )}
          </Field>
        )}
        {user !== undefined && (
          <EndTokens username={user.username} isOwn={isOwn} isChecked={endsTokens} onChange={setEndsTokens} />
        )}
        {faults.other !== undefined && (
          <p role="alert" className="text-bad">
            {faults.other}
          </p>
        )}
        <Button type="submit" look="primary" disabled={isBusy} className="justify-self-end">
          {user === undefined ? t('addUser') : t('setPassword')}
        </Button>
      </form>
    </Dialog>
  );
}
