import { useNavigate, useSearch } from '@tanstack/react-router';
import { LogIn } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, isUnreachable } from '../api.ts';
import { serverNow } from '../clock/clock.ts';
import { wordsOf } from '../i18n/words-of.ts';
import { LanguagePicker } from '../layout/language-picker.tsx';
import { Logo } from '../layout/logo.tsx';
import { useTitle } from '../layout/use-title.ts';
import { Button } from '../ui/button.tsx';
import { Field, Input } from '../ui/input.tsx';
import { signIn } from './session.ts';

type Fault = 'wrong' | 'away' | { readonly retryAt: number } | { readonly text: string };

export function SignInScreen() {
  const { t } = useTranslation('session');
  const { next, reason } = useSearch({ from: '/app/sign-in' });
  const navigate = useNavigate();
  const [fault, setFault] = useState<Fault>();
  const [isBusy, setBusy] = useState(false);
  useTitle(t('signIn'));

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await signIn(textOf(form, 'username'), textOf(form, 'password'));
      await navigate({ href: next ?? '/', replace: true });
    } catch (error) {
      setFault(faultOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="grid min-h-dvh grid-rows-[auto_1fr] gap-4 p-4">
      <div className="justify-self-end">
        <LanguagePicker />
      </div>
      <div className="w-full max-w-sm place-self-center pb-[12vh]">
        <div className="mb-6 flex items-center gap-3">
          <Logo className="size-10 shrink-0" />
          <div>
            <h1 className="text-xl font-semibold tracking-tight">PingMeDaddy</h1>
            <p className="text-ink-2">{t('tagline')}</p>
          </div>
        </div>
        <form
          className="grid gap-4 rounded-xl border border-line bg-surface p-5"
          onSubmit={(event) => void submit(event)}
          aria-label={t('signIn')}
        >
          {reason === 'expired' && fault === undefined && (
            <p role="status" className="rounded-md bg-accent-soft px-3 py-2 text-accent">
              {t('expired')}
            </p>
          )}
          <Field label={t('username')}>
            {(parts) => (
              <Input name="username" autoComplete="username" required autoFocus maxLength={200} isLarge {...parts} />
            )}
          </Field>
          <Field label={t('password')}>
            {(parts) => (
              <Input
                name="password"
                type="password"
                autoComplete="current-password"
                required
                maxLength={1000}
                isLarge
                {...parts}
              />
            )}
          </Field>
          {fault !== undefined && <SignInFault fault={fault} onOver={() => setFault(undefined)} />}
          <Button type="submit" look="primary" size="large" disabled={isBusy}>
            <LogIn aria-hidden />
            {t(isBusy ? 'signingIn' : 'signIn')}
          </Button>
        </form>
      </div>
    </main>
  );
}

function SignInFault({ fault, onOver }: { readonly fault: Fault; readonly onOver: () => void }) {
  const { t } = useTranslation('session');
  const [now, setNow] = useState(serverNow);
  const retryAt = typeof fault === 'object' && 'retryAt' in fault ? fault.retryAt : undefined;
  useEffect(() => {
    if (retryAt === undefined) return undefined;
    const timer = setInterval(() => {
      setNow(serverNow());
      if (serverNow() >= retryAt) onOver();
    }, 1000);
    return () => clearInterval(timer);
  }, [retryAt, onOver]);
  const text =
    fault === 'wrong'
      ? t('wrong')
      : fault === 'away'
        ? t('away')
        : 'text' in fault
          ? fault.text
          : t('throttled', { count: Math.max(1, Math.ceil((fault.retryAt - now) / 1000)) });
  return (
    <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
      {text}
    </p>
  );
}

function faultOf(error: unknown): Fault {
  if (isUnreachable(error)) return 'away';
  if (!(error instanceof ApiError)) return { text: wordsOf(error) };
  if (error.status === 401) return 'wrong';
  if (error.status === 429) return { retryAt: serverNow() + (error.retryAfterSeconds ?? 60) * 1000 };
  return { text: error.message };
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
