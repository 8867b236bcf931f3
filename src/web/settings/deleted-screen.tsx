import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listTargets, type TargetShape } from '../../contract/targets/targets.ts';
import { nameOf } from '../../contract/targets/target-place.ts';
import { api } from '../api.ts';
import { useFormat } from '../i18n/format.ts';
import { useMay } from '../session/session.ts';
import { useRestore } from '../target/head/deleted-banner.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/card.tsx';
import { EmptyState, ErrorState, Skeleton } from '../ui/states.tsx';

const page = 100;

/** The deleted targets, most recent first, each with a way to restore it. */
export function DeletedScreen() {
  const { t } = useTranslation(['access', 'target']);
  const [shown, setShown] = useState(page);
  const { data, error, refetch } = useQuery({
    queryKey: ['deleted-targets'],
    staleTime: 0,
    queryFn: ({ signal }) => api.call(listTargets, { query: { deleted: 'true' }, signal }),
  });
  return (
    <Section title={t('part.deleted')} text={t('deletedText')}>
      {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {error === null && data === undefined && <Skeleton className="h-24" />}
      {data?.length === 0 && <EmptyState title={t('noDeleted')} />}
      {data !== undefined && data.length > 0 && (
        <ul aria-label={t('part.deleted')} className="grid">
          {data.slice(0, shown).map((target) => (
            <DeletedTarget key={target.id} target={target} />
          ))}
        </ul>
      )}
      {data !== undefined && data.length > shown && (
        <Button className="justify-self-center" onClick={() => setShown(shown + page)}>
          {t('older')}
        </Button>
      )}
    </Section>
  );
}

function DeletedTarget({ target }: { readonly target: TargetShape }) {
  const { t } = useTranslation(['access', 'target']);
  const format = useFormat();
  const mayRestore = useMay('operator');
  const restore = useRestore();
  const { id, tags, deleted_at: deletedAt } = target;
  const name = nameOf(target);
  return (
    <li
      data-deleted-target={id}
      className="flex items-center justify-between gap-4 border-b border-line py-2.5 last:border-0"
    >
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <Link
            to="/app/targets/$id"
            params={{ id: String(id) }}
            className="font-medium break-all text-accent hover:underline"
            data-server-text
          >
            {name}
          </Link>
          {tags.map((tag) => (
            <Badge key={tag} data-server-text>
              {tag}
            </Badge>
          ))}
        </p>
        {deletedAt !== undefined && (
          <p className="text-small text-ink-3">{t('deletedAt', { time: format.dateTime(deletedAt) })}</p>
        )}
      </div>
      {mayRestore && (
        <Button
          size="small"
          aria-label={t('target:deletion.restoreName', { name })}
          onClick={() => void restore(target)}
        >
          <RotateCcw aria-hidden /> {t('target:deletion.restore')}
        </Button>
      )}
    </li>
  );
}
