import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { showTargetCounters } from '../../../contract/targets/target-counters.ts';
import { api } from '../../api.ts';
import { useFormat } from '../../i18n/format.ts';
import { Section } from '../../ui/card.tsx';

const names = [
  ...['replies_duplicate', 'replies_late', 'replies_wrong_source', 'replies_wrong_token'],
  ...['icmp_errors', 'drops_local'],
] as const satisfies readonly string[];
type CounterName =
  'replies_duplicate' | 'replies_late' | 'replies_wrong_source' | 'replies_wrong_token' | 'icmp_errors' | 'drops_local';

/** What came back besides one reply per probe; empty if nothing did. */
export function CountersPanel({ targetId }: { readonly targetId: number }) {
  const { t } = useTranslation('target');
  const { count } = useFormat();
  const { data } = useQuery({
    queryKey: ['counters', targetId],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => api.call(showTargetCounters, { params: { id: targetId }, signal }),
  });
  if (data === undefined) return null;
  const found = (names as readonly CounterName[]).filter((name) => data[name] > 0);
  if (found.length === 0) return null;
  return (
    <Section title={t('counters.title')} text={t('counters.text')} className="content-start">
      <dl className="grid gap-2.5">
        {found.map((name) => (
          <div key={name} className="grid grid-cols-[1fr_auto] gap-x-4">
            <dt className="font-medium">{t(`counters.${name}.name`)}</dt>
            <dd className="row-span-2 text-lg leading-tight font-semibold" data-counter={name}>
              {count(data[name])}
            </dd>
            <dd className="text-small text-ink-2">{t(`counters.${name}.help`)}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
