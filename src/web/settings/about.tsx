import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { basePath } from '../base-path.ts';
import { useFormat } from '../i18n/format.ts';
import { healthQuery } from '../layout/server-health.ts';
import { Section } from '../ui/card.tsx';
import { installationQuery } from './installation.ts';
import { serverNow } from '../clock/clock.ts';

const instant = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
const parts = ['database', 'prober', 'recorder'] as const;

export function About() {
  const { t, i18n } = useTranslation('settings');
  const format = useFormat();
  const { data } = useQuery(installationQuery);
  const health = useQuery(healthQuery);
  return (
    <Section title={t('about')}>
      <dl className="grid gap-x-4 gap-y-2 sm:grid-cols-[9rem_1fr]">
        <Fact name={t('version')}>
          {data === undefined ? undefined : (
            <span translate="no" data-server-text>
              {data.version}
            </span>
          )}
        </Fact>
        <Fact name={t('runningSince')}>
          {data === undefined
            ? undefined
            : t('since', {
                time: format.dateTime(data.started_at),
                duration: format.duration(serverNow() - Date.parse(data.started_at)),
              })}
        </Fact>
        <Fact name={t('engine')}>
          {data === undefined ? undefined : (
            <span translate="no" data-server-text className="break-words">
              {data.engine_message}
            </span>
          )}
        </Fact>
        <Fact name={t('runtime')}>
          {data === undefined ? undefined : (
            <span translate="no" data-server-text>
              Node.js {data.node}
            </span>
          )}
        </Fact>
        {parts.map((part) => {
          const check = health.data?.checks[part];
          const isFine = check?.status === 'ok';
          // The server's own sentence, which exists only in English; other readers see only what they need of it.
          const isShown = !isFine || i18n.language.startsWith('en');
          return (
            <Fact key={part} name={t(`part.${part}`)}>
              {check === undefined ? undefined : (
                <span className="grid">
                  <span
                    className={isFine ? 'flex items-center gap-1.5 text-good' : 'flex items-center gap-1.5 text-bad'}
                  >
                    {isFine ? (
                      <CircleCheck aria-hidden className="size-4" />
                    ) : (
                      <CircleX aria-hidden className="size-4" />
                    )}
                    {t(isFine ? 'fine' : 'failing')}
                  </span>
                  {isShown && (
                    <span lang="en" translate="no" data-server-text className="text-small break-words text-ink-2">
                      {check.message.replaceAll(instant, (time) => format.dateTime(time))}
                    </span>
                  )}
                </span>
              )}
            </Fact>
          );
        })}
        <Fact name={t('documentation')}>
          <span className="flex gap-3">
            <a className="text-accent hover:underline" href={`${basePath}/docs`}>
              {t('apiDocs')}
            </a>
            <a className="text-accent hover:underline" href={`${basePath}/metrics`}>
              {t('metrics')}
            </a>
          </span>
        </Fact>
      </dl>
    </Section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0">{children ?? '…'}</dd>
    </>
  );
}
