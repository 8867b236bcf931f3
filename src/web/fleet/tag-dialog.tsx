import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { tagFault } from '../../core/target/target.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/input.tsx';

/** Tags to add to and remove from the selection. */
export function TagDialog({
  count,
  known,
  onClose,
  onTag,
}: {
  readonly count: number;
  readonly known: readonly string[];
  readonly onClose: () => void;
  readonly onTag: (add: readonly string[], remove: readonly string[]) => void;
}) {
  const { t } = useTranslation('fleet');
  const [fault, setFault] = useState<string>();

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [add, remove] = [tagsIn(form.get('add')), tagsIn(form.get('remove'))];
    const wrong = add.find((tag) => tagFault(tag) !== undefined);
    if (wrong !== undefined) return setFault(t('tagFault', { tag: wrong }));
    if (add.length + remove.length > 0) onTag(add, remove);
    onClose();
  }

  return (
    <Dialog open onOpenChange={onClose} title={t('tagTitle', { count })}>
      <form className="grid gap-3" onSubmit={submit}>
        <datalist id="known-tags">
          {known.map((tag) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
        <Field label={t('tagAdd')} hint={t('tagHint')} fault={fault}>
          {(parts) => <Input name="add" autoFocus autoComplete="off" list="known-tags" {...parts} />}
        </Field>
        <Field label={t('tagRemove')}>
          {(parts) => <Input name="remove" autoComplete="off" list="known-tags" {...parts} />}
        </Field>
        <Button type="submit" look="primary" className="justify-self-end">
          {t('tagApply')}
        </Button>
      </form>
    </Dialog>
  );
}

function tagsIn(value: FormDataEntryValue | null): readonly string[] {
  if (typeof value !== 'string') return [];
  return value
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
