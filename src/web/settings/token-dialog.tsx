import { useQueryClient } from '@tanstack/react-query';
import { Check, Copy } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addApiToken } from '../../contract/access/accounts.ts';
import type { Role } from '../../core/role.ts';
import { api } from '../api.ts';
import { serverUrl } from '../base-path.ts';
import { wordsOf } from '../i18n/words-of.ts';
import { useUser } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { roleOptions, tokensQuery } from './accounts.ts';

const lengths = ['7', '30', '90', '365', 'never'] as const;

export function TokenDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('access');
  const [token, setToken] = useState<string>();
  return (
    <Dialog open onOpenChange={onClose} title={t(token === undefined ? 'addToken' : 'tokenReady')} isWide>
      {token === undefined ? <TokenForm onAdded={setToken} /> : <NewToken token={token} onClose={onClose} />}
    </Dialog>
  );
}

function TokenForm({ onAdded }: { readonly onAdded: (token: string) => void }) {
  const { t } = useTranslation(['access', 'settings', 'common']);
  const queries = useQueryClient();
  const own = useUser()?.role ?? 'viewer';
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [length, setLength] = useState<(typeof lengths)[number]>('90');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const days = length === 'never' ? null : Number(length);
      const { token } = await api.call(addApiToken, { body: { name, role, expires_in_days: days } });
      await queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
      onAdded(token);
    } catch (error) {
      setFault(wordsOf(error));
      setBusy(false);
    }
  }

  return (
    <form className="grid gap-3" aria-label={t('addToken')} onSubmit={(event) => void submit(event)}>
      <Field label={t('tokenName')} hint={t('tokenNameHint')} fault={fault}>
        {(parts) => (
          <Input
            {...parts}
            autoComplete="off"
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label={t('role')} hint={t(`may.${role}`)}>
        {({ id, 'aria-describedby': describedBy }) => (
          <Select
            id={id}
            aria-describedby={describedBy}
            value={role}
            onChange={setRole}
            options={roleOptions((each) => t(`common:role.${each}`), own)}
          />
        )}
      </Field>
      <Field label={t('expiry')}>
        {({ id }) => (
          <Select
            id={id}
            value={length}
            onChange={setLength}
            options={lengths.map((value) => ({
              value,
              label: value === 'never' ? t('never') : t('settings:days', { count: Number(value) }),
            }))}
          />
        )}
      </Field>
      <Button type="submit" look="primary" disabled={isBusy} className="justify-self-end">
        {t('addToken')}
      </Button>
    </form>
  );
}

/** The only time that it is shown. */
function NewToken({ token, onClose }: { readonly token: string; readonly onClose: () => void }) {
  const { t } = useTranslation(['access', 'common']);
  const [state, setState] = useState<'copied' | 'failed'>();
  const uses = [
    { name: t('useHttp'), text: `Authorization: Bearer ${token}` },
    { name: t('useCommand'), text: `PMD_URL=${serverUrl} PMD_TOKEN=${token} pmd target list` },
    { name: t('usePrometheus'), text: `authorization: { credentials: ${token} }` },
  ];
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(token);
      setState('copied');
    } catch {
      // Browsers deny clipboard access to pages loaded over plain HTTP.
      setState('failed');
    }
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p className="rounded-md bg-warn-soft px-3 py-2 font-medium text-warn">{t('shownOnce')}</p>
      <div className="flex flex-wrap items-center gap-2">
        <code
          translate="no"
          data-server-text
          data-new-token
          className="min-w-0 flex-1 basis-60 rounded-md border border-line bg-sunken px-3 py-2 font-mono text-small break-all select-all"
        >
          {token}
        </code>
        <Button onClick={() => void copy()}>
          {state === 'copied' ? <Check aria-hidden /> : <Copy aria-hidden />}
          {t('copy')}
        </Button>
      </div>
      <p role="status" className="text-small text-ink-2 empty:hidden">
        {state === 'copied' ? t('copied') : state === 'failed' ? t('copyFailed') : ''}
      </p>
      <dl className="grid gap-2">
        {uses.map(({ name, text }) => (
          <div key={name}>
            <dt className="text-small font-medium text-ink-2">{name}</dt>
            <dd className="font-mono text-small break-all" translate="no" data-server-text>
              {text}
            </dd>
          </div>
        ))}
      </dl>
      <Button look="primary" className="justify-self-end" onClick={onClose}>
        {t('common:close')}
      </Button>
    </div>
  );
}
