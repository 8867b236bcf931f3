import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { listLogs } from '../../contract/history.ts';
import { showTarget } from '../../contract/targets.ts';
import { api } from '../api.ts';
import { useFormat } from '../i18n/format.ts';
import { useTitle } from '../layout/use-title.ts';
import { ErrorState, Loading } from '../ui/states.tsx';

/** One target and its last results. */
export function TargetScreen() {
  const { id } = useParams({ strict: false });
  const { t } = useTranslation();
  const format = useFormat();
  const params = { id: Number(id) };
  const target = useQuery({ queryKey: ['target', params.id], queryFn: () => api.call(showTarget, { params }) });
  const logs = useQuery({
    queryKey: ['logs', params.id],
    queryFn: () => api.call(listLogs, { params, query: { limit: 20 } }),
    refetchInterval: 5000,
  });
  useTitle(target.data?.ip ?? t('loading'));
  if (target.isError) return <ErrorState error={target.error} onRetry={() => void target.refetch()} />;
  if (target.data === undefined) return <Loading />;
  return (
    <div className="grid gap-4 p-4">
      <h1 className="text-xl font-semibold">{target.data.ip}</h1>
      <h2 className="font-semibold">{t('lastResults')}</h2>
      <ol className="grid gap-1 font-mono">
        {(logs.data ?? []).toReversed().map((entry) => (
          <li key={entry.time}>
            {format.clock(entry.time)} {entry.packet_loss ? t('lost') : format.latency(entry.latency_ms)}
          </li>
        ))}
      </ol>
    </div>
  );
}
