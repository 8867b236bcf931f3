import { Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClockError } from '../clock/clock.ts';
import { useFormat } from '../i18n/format.ts';
import { live } from '../live/live.ts';
import { useLiveStatus } from '../live/use-live.ts';
import { useUser } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Banner } from '../ui/states.tsx';
import { part } from '../parts.ts';

const PasswordDialog = lazy(
  part(async () => ({ default: (await import('../session/password-dialog.tsx')).PasswordDialog })),
);

const ServerNotices = lazy(part(async () => ({ default: (await import('./server-notices.tsx')).ServerNotices })));

/** What everyone should know, whatever the screen: no connection, trouble on the server, a well-known password. */
export function Banners() {
  return (
    <div className="print-hidden">
      <ConnectionBanner />
      <ClockBanner />
      <Suspense>
        <ServerNotices />
      </Suspense>
      <PasswordBanner />
    </div>
  );
}

function ConnectionBanner() {
  const { t } = useTranslation();
  const format = useFormat();
  const status = useLiveStatus();
  if (status === 'live' || status === 'connecting') return null;
  const at = live.heardAt === undefined ? undefined : format.clock(live.heardAt);
  const since = at === undefined ? '' : ` ${t('live.heardAt', { time: at })}`;
  return (
    <Banner look={status === 'offline' ? 'bad' : 'warn'}>
      <span>{`${t(`live.${status}Text`)}${since}`}</span>
      {status === 'offline' && (
        <Button size="small" onClick={() => live.retry()}>
          {t('retry')}
        </Button>
      )}
    </Banner>
  );
}

const clockErrorMaxMillis = 300_000;

function ClockBanner() {
  const { t } = useTranslation();
  const format = useFormat();
  const ahead = useClockError();
  if (Math.abs(ahead) <= clockErrorMaxMillis) return null;
  const length = format.duration(Math.abs(ahead));
  return (
    <Banner>
      <span data-clock>{t(ahead > 0 ? 'clock.ahead' : 'clock.behind', { length })}</span>
    </Banner>
  );
}

function PasswordBanner() {
  const { t } = useTranslation();
  const user = useUser();
  const [isOpen, setOpen] = useState(false);
  if (user?.has_default_password !== true) return null;
  return (
    <Banner>
      <span>{t('defaultPassword', { username: user.username })}</span>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('changeItNow')}
      </Button>
      {isOpen && (
        <Suspense>
          <PasswordDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </Banner>
  );
}
