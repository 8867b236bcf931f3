import { useQueryClient } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { restoreTarget, type TargetShape } from '../../../contract/targets/targets.ts';
import { nameOf } from '../../../contract/targets/target-place.ts';
import { api } from '../../api.ts';
import { useFormat } from '../../i18n/format.ts';
import { useMay } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Banner } from '../../ui/states.tsx';
import { say, sayFailure } from '../../ui/toast.ts';

/** Says when and by whom a target was deleted, and restores it. */
export function DeletedBanner({ target }: { readonly target: TargetShape }) {
  const { t } = useTranslation('target');
  const format = useFormat();
  const mayRestore = useMay('operator');
  const restore = useRestore();
  const { deleted_at: deletedAt, deleted_by: deletedBy } = target;
  if (deletedAt === undefined) return null;
  const time = format.dateTime(deletedAt);
  return (
    <div data-deleted className="overflow-hidden rounded-lg">
      <Banner>
        <span data-server-text>
          {deletedBy === undefined || deletedBy === null
            ? t('deletion.banner', { time })
            : t('deletion.bannerBy', { time, username: deletedBy })}
        </span>
        {mayRestore && (
          <Button size="small" onClick={() => void restore(target)}>
            <RotateCcw aria-hidden /> {t('deletion.restore')}
          </Button>
        )}
      </Banner>
    </div>
  );
}

/** Restores a deleted target and reloads everything that shows it. */
export function useRestore(): (target: TargetShape) => Promise<void> {
  const { t } = useTranslation('target');
  const queries = useQueryClient();
  return async (target) => {
    try {
      await api.call(restoreTarget, { params: { id: target.id } });
      say(t('deletion.restored', { name: nameOf(target) }));
    } catch (error) {
      sayFailure(error);
    }
    await queries.invalidateQueries({
      predicate: ({ queryKey: [kind, id] }) => id === target.id || kind === 'fleet' || kind === 'deleted-targets',
    });
  };
}
