import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Pause, Pencil, Play, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  deleteTarget,
  pauseTarget,
  restoreTarget,
  resumeTarget,
  type TargetShape,
} from '../../../contract/targets/targets.ts';
import { nameOf } from '../../../contract/targets/target-place.ts';
import { api } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { Confirmation } from '../../ui/dialog.tsx';
import { say, sayFailure } from '../../ui/toast.ts';
import { EditDialog } from './edit-dialog.tsx';

/** What changes a target, with its dialogs; absent for a deleted target. */
export function TargetButtons({ target }: { readonly target: TargetShape }) {
  const { t } = useTranslation('target');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [isEditing, setEditing] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const params = { id: target.id };
  const { is_active: isActive, is_synthetic: isSynthetic } = target;
  const name = nameOf(target);

  const reload = (): Promise<void> =>
    queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === target.id || queryKey[0] === 'fleet' });

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      sayFailure(error);
    }
  }
  const toggle = (): Promise<void> =>
    attempt(async () => {
      await api.call(isActive ? pauseTarget : resumeTarget, { params });
      await reload();
      say(t(isActive ? 'paused' : 'resumed', { name }));
    });
  const remove = (): Promise<void> =>
    attempt(async () => {
      await api.call(deleteTarget, { params });
      await navigate({ to: '/' });
      say(t('deleted', { name }), { label: common('undo'), onUndo: () => void attempt(bringBack) });
    });
  async function bringBack(): Promise<void> {
    await api.call(restoreTarget, { params });
    await reload();
    await navigate({ to: '/app/targets/$id', params: { id: String(target.id) } });
  }

  return (
    <>
      {!isSynthetic && (
        <Button onClick={() => void toggle()}>
          {isActive ? <Pause aria-hidden /> : <Play aria-hidden />}
          <Word>{isActive ? t('actions.pause') : t('actions.resume')}</Word>
        </Button>
      )}
      <Button onClick={() => setEditing(true)}>
        <Pencil aria-hidden /> <Word>{t('actions.edit')}</Word>
      </Button>
      <Button look="danger" onClick={() => setDeleting(true)}>
        <Trash2 aria-hidden /> <Word>{t('actions.delete')}</Word>
      </Button>
      <EditDialog target={target} open={isEditing} onOpenChange={setEditing} />
      <Confirmation
        open={isDeleting}
        onOpenChange={setDeleting}
        title={t('deleteTitle', { name })}
        description={t('deleteText')}
        action={t('actions.delete')}
        onConfirm={() => void remove()}
      />
    </>
  );
}

/** On a phone only the glyph is visible; screen readers get the label all the same. */
export function Word({ children }: { readonly children: string }) {
  return <span className="max-sm:sr-only">{children}</span>;
}
