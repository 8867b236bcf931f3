import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pause, Play, Tag, Trash2, X } from 'lucide-react';
import { Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeTargets } from '../../contract/targets/bulk.ts';
import { api } from '../api.ts';
import { useMay } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { say, sayFailure } from '../ui/toast.ts';
import type { Selection } from './data/selection.ts';
import { type BulkChange, undoOf } from './data/undo.ts';
import { fleetQuery } from './data/use-fleet.ts';
import { part } from '../parts.ts';

const TagDialog = lazy(part(async () => ({ default: (await import('./tag-dialog.tsx')).TagDialog })));

/** Commands for everything that is selected: one request each, and an undo. */
export function BulkBar({ selection, known }: { readonly selection: Selection; readonly known: readonly string[] }) {
  const { t } = useTranslation(['fleet', 'common']);
  const client = useQueryClient();
  const mayChange = useMay('operator');
  const [isTagging, setTagging] = useState(false);
  const settle = (refused: readonly { readonly message: string }[]): void => {
    void client.invalidateQueries({ queryKey: fleetQuery.queryKey });
    void client.invalidateQueries({ queryKey: ['suggestions'] });
    if (refused.length > 0) sayFailure(refused.map(({ message }) => message).join(' '));
  };
  const undo = useMutation({
    mutationFn: (changes: readonly BulkChange[]) =>
      Promise.all(changes.map((change) => api.call(changeTargets, { body: change }))),
    onSuccess: (answers) => {
      settle(answers.flatMap(({ refused }) => refused));
      say(t('undone', { count: answers.reduce((sum, { changed }) => sum + changed.length, 0) }));
    },
    onError: sayFailure,
  });
  const { mutate: run, isPending } = useMutation({
    mutationFn: (change: BulkChange) => api.call(changeTargets, { body: change }),
    onMutate: () =>
      new Map((client.getQueryData(fleetQuery.queryKey)?.targets ?? []).map(({ id, tags }) => [id, tags])),
    onSuccess: ({ changed, refused }, change, tagsBefore) => {
      settle(refused);
      const count = changed.length;
      const changes = undoOf(change, changed, tagsBefore);
      say(
        t(`done.${change.action}`, { count }),
        count === 0 ? undefined : { label: t('common:undo'), onUndo: () => undo.mutate(changes) },
      );
      if (change.action === 'delete') selection.clear();
    },
    onError: sayFailure,
  });
  const ids = [...selection.ids];

  if (ids.length === 0) return null;
  return (
    <div
      role="toolbar"
      aria-label={t('bulk')}
      className="print-hidden sticky bottom-3 z-20 mx-auto flex w-fit max-w-full flex-wrap items-center gap-1 rounded-xl border border-line bg-raised p-1.5 shadow-float"
    >
      <span className="px-2 font-medium" role="status">
        {t('selected', { count: ids.length })}
      </span>
      {mayChange ? (
        <>
          <Button look="quiet" disabled={isPending} onClick={() => run({ action: 'pause', ids })}>
            <Pause aria-hidden />
            {t('pause')}
          </Button>
          <Button look="quiet" disabled={isPending} onClick={() => run({ action: 'resume', ids })}>
            <Play aria-hidden />
            {t('resume')}
          </Button>
          <Button look="quiet" disabled={isPending} onClick={() => setTagging(true)}>
            <Tag aria-hidden />
            {t('tag')}
          </Button>
          <Button look="quiet" disabled={isPending} onClick={() => run({ action: 'delete', ids })}>
            <Trash2 aria-hidden />
            {t('delete')}
          </Button>
        </>
      ) : (
        <span className="px-2 text-ink-2">{t('common:readsOnly')}</span>
      )}
      <Button look="quiet" size="icon" aria-label={t('clearSelection')} onClick={() => selection.clear()}>
        <X aria-hidden />
      </Button>
      {isTagging && (
        <Suspense>
          <TagDialog
            count={ids.length}
            known={known}
            onClose={() => setTagging(false)}
            onTag={(add, remove) => run({ action: 'tag', ids, add: [...add], remove: [...remove] })}
          />
        </Suspense>
      )}
    </div>
  );
}
