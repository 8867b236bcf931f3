import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changePassword } from '../../contract/access/auth.ts';
import { ApiError, api } from '../api.ts';
import { Button } from '../ui/button.tsx';
import { Field, Input } from '../ui/input.tsx';
import { say } from '../ui/toast.ts';
import { queryClient } from '../query.ts';
import { tokensQuery } from '../settings/accounts.ts';
import { EndTokens } from './end-tokens.tsx';
import { signIn, useUser } from './session.ts';

const lengthMin = 8;

/** Changing it ends every session; this one is started again with the new password. */
export function PasswordForm({ onDone }: { readonly onDone?: () => void }) {
  const { t } = useTranslation('session');
  const user = useUser();
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [isBusy, setBusy] = useState(false);
  const [endsTokens, setEndsTokens] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (user === null) return;
    const form = event.currentTarget;
    const [current, next, again] = ['current', 'next', 'again'].map((name) => valueOf(form, name)) as [
      string,
      string,
      string,
    ];
    if (next !== again) return setFaults({ again: t('notTheSame') });
    setBusy(true);
    try {
      const tokens = endsTokens ? { end_api_tokens: true } : {};
      await api.call(changePassword, { body: { current_password: current, new_password: next, ...tokens } });
      await signIn(user.username, next);
      form.reset();
      setFaults({});
      setEndsTokens(false);
      say(t(endsTokens ? 'passwordChangedTokens' : 'passwordChanged'));
      if (endsTokens) await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
      onDone?.();
    } catch (error) {
      setFaults(faultsOf(error));
    } finally {
      setBusy(false);
    }
  }

  function faultsOf(error: unknown): Readonly<Record<string, string>> {
    if (!(error instanceof ApiError)) return { current: t('away') };
    if (error.status === 429) return { current: t('throttled', { count: error.retryAfterSeconds ?? 60 }) };
    const fields = error.details.errors?.map(({ field }) => field) ?? [];
    if (fields.includes('current_password')) return { current: t('currentWrong') };
    if (fields.includes('new_password')) return { next: t('tooWeak', { count: lengthMin }) };
    return { current: error.message };
  }

  return (
    <form className="grid max-w-sm gap-3" onSubmit={(event) => void submit(event)} aria-label={t('changePassword')}>
      <input type="text" name="username" autoComplete="username" value={user?.username ?? ''} readOnly hidden />
      <Field label={t('currentPassword')} fault={faults['current']}>
        {(parts) => <Input name="current" type="password" autoComplete="current-password" required {...parts} />}
      </Field>
      <Field label={t('newPassword')} hint={t('passwordRule', { count: lengthMin })} fault={faults['next']}>
        {(parts) => (
          <Input name="next" type="password" autoComplete="new-password" required minLength={lengthMin} {...parts} />
        )}
      </Field>
      <Field label={t('newPasswordAgain')} fault={faults['again']}>
        {(parts) => <Input name="again" type="password" autoComplete="new-password" required {...parts} />}
      </Field>
      {user !== null && <EndTokens username={user.username} isOwn isChecked={endsTokens} onChange={setEndsTokens} />}
      <Button type="submit" look="primary" disabled={isBusy} className="justify-self-start">
        {t('changePassword')}
      </Button>
    </form>
  );
}

function valueOf(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value : '';
}
