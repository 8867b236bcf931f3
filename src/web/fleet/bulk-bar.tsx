import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pause, Play, Tag, Trash2, X } from 'lucide-react';
import { Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import { changeTargets } from '../../contract/bulk.ts';
import { api } from '../api.ts';
import { Button } from '../ui/button.tsx';
import { say, sayFailure } from '../ui/toast.ts';
import type { Selection } from './selection.ts';
import { fleetQuery } from './use-fleet.ts';

const TagDialog = lazy(async () => ({ default: (await import('./tag-dialog.tsx')).TagDialog }));

export type BulkChange = z.input<NonNullable<typeof changeTargets.body>>;

/** What undoes a change on those that it changed. */
function inverseOf(change: BulkChange, ids: number[]): BulkChange {
  switch (change.action) {
    case 'pause':
      return { action: 'resume', ids };
    case 'resume':
      return { action: 'pause', ids };
    case 'delete':
      return { action: 'restore', ids };
    case 'restore':
      return { action: 'delete', ids };
    case 'tag':
      return { action: 'tag', ids, add: change.remove ?? [], remove: change.add ?? [] };
    default:
      return change satisfies never;
  }
}

/** Commands for everything that is selected: one request each, and a way back. */
export function BulkBar({ selection, known }: { readonly selection: Selection; readonly known: readonly string[] }) {
  const { t } = useTranslation(['fleet', 'common']);
  const client = useQueryClient();
  const [isTagging, setTagging] = useState(false);
  const { mutate, isPending } = useMutation({
    mutationFn: ({ change }: { readonly change: BulkChange; readonly isUndo: boolean }) =>
      api.call(changeTargets, { body: change }),
    onSuccess: ({ changed, refused }, { change, isUndo }) => {
      void client.invalidateQueries({ queryKey: fleetQuery.queryKey });
      void client.invalidateQueries({ queryKey: ['suggestions'] });
      const count = changed.length;
      const text = isUndo ? t('undone', { count }) : t(`done.${change.action}`, { count });
      const undo = {
        label: t('common:undo'),
        onUndo: () => mutate({ change: inverseOf(change, changed), isUndo: true }),
      };
      say(text, isUndo || count === 0 ? undefined : undo);
      if (refused.length > 0) sayFailure(refused.map(({ message }) => message).join(' '));
      if (change.action === 'delete') selection.clear();
    },
    onError: sayFailure,
  });
  const ids = [...selection.ids];
  const run = (change: BulkChange): void => mutate({ change, isUndo: false });

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
