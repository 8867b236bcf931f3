import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listLogs } from '../../../contract/history/history.ts';
import { portClosedReason } from '../../../contract/shapes.ts';
import { api } from '../../api.ts';
import { DataTable } from '../../charts/table-twin.tsx';
import { dash, useFormat } from '../../i18n/format.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/card.tsx';
import { ErrorState } from '../../ui/states.tsx';
import type { Selection } from '../history/range.ts';

const pageRows = 10;

/** Raw results page by page, backwards from the end of the selection. */
export function ResultsPanel({ targetId, selection }: { readonly targetId: number; readonly selection: Selection }) {
  const { t } = useTranslation('target');
  const { t: common } = useTranslation();
  const format = useFormat();
  /** Where each page after the first begins. */
  const [trail, setTrail] = useState<readonly string[]>([]);
  const { isLive, view } = selection;
  const end = isLive ? undefined : new Date(view.to).toISOString();
  useEffect(() => setTrail([]), [end, targetId]);
  const before = trail.at(-1) ?? end;
  const { data, error, refetch } = useQuery({
    queryKey: ['logs', targetId, before ?? 'now'],
    placeholderData: keepPreviousData,
    refetchInterval: before === undefined ? 3000 : false,
    queryFn: ({ signal }) =>
      api.call(listLogs, {
        params: { id: targetId },
        query: { limit: pageRows, ...(before === undefined ? {} : { before }) },
        signal,
      }),
  });
  const from = new Date(view.from).toISOString();
  const rows = (data ?? []).filter(({ time }) => isLive || time >= from);
  const oldest = rows[0];
  return (
    <Section
      title={t('results.title')}
      text={t('results.text')}
      className="print-hidden content-start"
      actions={
        <div className="flex gap-1">
          <Button size="small" disabled={trail.length === 0} onClick={() => setTrail(trail.slice(0, -1))}>
            {t('results.newer')}
          </Button>
          <Button
            size="small"
            disabled={oldest === undefined || rows.length < pageRows}
            onClick={() => oldest !== undefined && setTrail([...trail, oldest.time])}
          >
            {t('results.older')}
          </Button>
        </div>
      }
    >
      {error === null ? (
        <DataTable
          caption={t('results.title')}
          empty={t('results.empty')}
          head={[t('column.time'), t('column.rtt'), t('column.hops')]}
          rows={rows.toReversed().map((entry) => [
            preciseTime(entry.time, format.dateTime(entry.time)),
            entry.packet_loss ? (
              <>
                <strong className="text-bad">{common('lost')}</strong>
                <LossReason reason={entry.loss_reason} />
              </>
            ) : (
              format.latency(entry.latency_ms)
            ),
            entry.hops === null ? dash : format.count(entry.hops),
          ])}
        />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Section>
  );
}

/** What came back instead of a reply, if anything did. */
function LossReason({ reason }: { readonly reason: string | undefined }) {
  const { t } = useTranslation('target');
  if (reason === undefined) return null;
  return (
    <span className="text-ink-2" data-server-text>
      {' '}
      {reason === portClosedReason ? t('results.portClosed') : reason}
    </span>
  );
}

/** To the millisecond: neighbours may be a tenth of a second apart. */
function preciseTime(time: string, text: string): string {
  return `${text}${/\.\d{3}/.exec(time)?.[0] ?? ''}`;
}
