import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Banner } from '../ui/states.tsx';
import { healthQuery } from './server-health.ts';

/** Trouble of the server itself: results that wait or were lost, no probing, a database that fails. */
export function ServerNotices() {
  const { t } = useTranslation();
  const { data } = useQuery(healthQuery);
  if (data === undefined) return null;
  const { database, prober, recorder } = data.checks;
  const waiting = recorder.pending_results + recorder.spooled_results;
  const isWaiting = recorder.status === 'failing' || recorder.spooled_results > 0;
  const notices = [
    ...(isWaiting ? [{ text: t('server.waiting', { count: waiting }), detail: recorder.message }] : []),
    ...(recorder.dropped_results > 0 ? [{ text: t('server.dropped', { count: recorder.dropped_results }) }] : []),
    ...(prober.status === 'failing' ? [{ text: t('server.prober'), detail: prober.message }] : []),
    ...(database.status === 'failing' && !isWaiting ? [{ text: t('server.database'), detail: database.message }] : []),
  ];
  return notices.map(({ text, detail }) => (
    <Banner key={text} look="bad">
      <span data-notice>{text}</span>
      {detail !== undefined && (
        <span lang="en" className="font-normal" translate="no" data-server-text>
          {detail}
        </span>
      )}
    </Banner>
  ));
}
