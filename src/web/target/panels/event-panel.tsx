import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { listEvents } from '../../../contract/history/history.ts';
import { api } from '../../api.ts';
import { useFormat } from '../../i18n/format.ts';
import { eventWords } from './event-words.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/card.tsx';
import { classNames } from '../../ui/class-names.ts';
import { ErrorState, Skeleton } from '../../ui/states.tsx';

const pageEvents = 50;
const marks: Readonly<Record<string, string>> = {
  ...{
    'not-sent': 'bg-bad',
    sent: 'bg-good',
    down: 'bg-bad',
    recovery: 'bg-good',
    gap: 'bg-(--chart-gap)',
    'path-change': 'bg-warn',
  },
  ...{ 'address-change': 'bg-warn', 'address-failure': 'bg-warn' },
  ...{ start: 'bg-accent', stop: 'bg-idle', update: 'bg-line-strong', delete: 'bg-line-strong' },
};

/** What happened to the target, newest first. */
export function EventPanel({ targetId }: { readonly targetId: number }) {
  const { t } = useTranslation('target');
  const format = useFormat();
  const log = useInfiniteQuery({
    queryKey: ['events', targetId],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ signal, pageParam: before }) => {
      const query = { limit: pageEvents, ...(before === undefined ? {} : { before }) };
      return api.call(listEvents, { params: { id: targetId }, query, signal });
    },
    getNextPageParam: (page) => (page.length < pageEvents ? undefined : page.at(-1)?.id),
  });
  const { error, refetch } = log;
  const data = log.data?.pages.flat();
  return (
    <Section title={t('events.title')} className="content-start">
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton className="h-24" />}
      {data?.length === 0 && <p className="text-ink-3">{t('events.empty')}</p>}
      <ol
        className="grid max-h-72 gap-2 overflow-y-auto text-small print:max-h-none"
        tabIndex={0}
        aria-label={t('events.title')}
      >
        {(data ?? []).map((event) => (
          <li key={event.id} className="grid grid-cols-[auto_1fr] gap-x-2.5">
            <span
              aria-hidden
              className={classNames('keeps-colors mt-1.5 size-2 rounded-full', marks[event.event_type])}
            />
            <span>
              <span className="font-medium">{t(`event.${event.event_type}`)}</span>{' '}
              <time dateTime={event.created_at} className="text-ink-3">
                {format.dateTime(event.created_at)}
              </time>
              <Words>{eventWords(event, t, format)}</Words>
            </span>
          </li>
        ))}
      </ol>
      {log.hasNextPage && (
        <Button
          size="small"
          className="print-hidden justify-self-start"
          disabled={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          {t('events.more')}
        </Button>
      )}
    </Section>
  );
}

/** Addresses and names are shown as the server has them. */
function Words({ children }: { readonly children: string | undefined }) {
  if (children === undefined) return null;
  return (
    <span data-server-text className="block break-words text-ink-2">
      {children}
    </span>
  );
}
