import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeTarget, type TargetChangeShape, type TargetShape } from '../../../contract/targets/targets.ts';
import { families, nameOf } from '../../../contract/targets/target-place.ts';
import { type ProbeKindName, probeKindNames, probeKinds } from '../../../core/target/probe-kinds.ts';
import { nameLengthMax } from '../../../core/target/target.ts';
import { ApiError, api } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, TextArea } from '../../ui/input.tsx';
import { PacketFields, packetOf } from './packet-fields.tsx';
import { Select } from '../../ui/select.tsx';
import { say, sayFailure } from '../../ui/toast.ts';

interface Place {
  readonly host: string;
  readonly family: (typeof families)[number];
  readonly probe: ProbeKindName;
  readonly port: string;
}

/** Only what has changed: a name that is sent is resolved anew. */
function placeChange(target: TargetShape, { host, family, probe, port }: Place): TargetChangeShape {
  const isOtherHost = host !== (target.host ?? '');
  const isOtherFamily = host !== '' && family !== (target.family ?? 'any');
  const { takesPort } = probeKinds[probe];
  const isOtherProbe = probe !== target.probe || (takesPort && Number(port) !== target.port);
  const asked = takesPort ? { probe, port: port === '' ? null : Number(port) } : { probe };
  return {
    ...(isOtherHost ? { host: host === '' ? null : host } : {}),
    ...(isOtherFamily ? { family } : {}),
    ...(isOtherProbe ? asked : {}),
  };
}

/** Name, notes, link, tags, frequency, host, kind and packet of the probes; what the server rejects is reported at its field. */
export function EditDialog({
  target,
  open,
  onOpenChange,
}: {
  readonly target: TargetShape;
  readonly open: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useTranslation('target');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const [faults, setFaults] = useState<ReadonlySet<string>>(new Set());
  const [isSaving, setSaving] = useState(false);
  const [probe, setProbe] = useState(target.probe);
  const [family, setFamily] = useState(target.family ?? 'any');

  async function save(form: HTMLFormElement): Promise<void> {
    const data = new FormData(form);
    const text = (name: string): string => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    };
    setSaving(true);
    try {
      const body = {
        ...{
          name: text('name').trim(),
          url: text('url').trim(),
          notes: text('notes'),
          frequency: Number(text('frequency')),
        },
        ...{
          tags: text('tags')
            .split(',')
            .filter((tag) => tag.trim() !== ''),
          ...packetOf(text),
        },
        ...placeChange(target, { host: text('host').trim(), family, probe, port: text('port').trim() }),
      };
      const changed = await api.call(changeTarget, { params: { id: target.id }, body });
      queries.setQueryData(['target', target.id], changed);
      void queries.invalidateQueries({ queryKey: ['fleet'] });
      await queries.invalidateQueries({ queryKey: ['events', target.id] });
      setFaults(new Set());
      onOpenChange(false);
      say(t('saved'));
    } catch (error) {
      const errors = error instanceof ApiError ? (error.details.errors ?? []) : [];
      if (errors.length === 0) sayFailure(error);
      setFaults(new Set(errors.map(({ field }) => /^\w*/.exec(field)?.[0] ?? field)));
    } finally {
      setSaving(false);
    }
  }

  const faultOf = (name: 'frequency' | 'host' | 'name' | 'notes' | 'port' | 'tags' | 'url'): string | undefined =>
    faults.has(name) ? t(`edit.fault.${name}`) : undefined;

  function onSubmit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    void save(event.currentTarget);
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('edit.title', { name: nameOf(target) })}>
      <form onSubmit={onSubmit} noValidate className="grid gap-3">
        <Field label={t('edit.name')} hint={t('edit.nameHint')} fault={faultOf('name')}>
          {(parts) => (
            <Input
              {...parts}
              name="name"
              maxLength={nameLengthMax}
              autoComplete="off"
              defaultValue={target.name ?? ''}
            />
          )}
        </Field>
        <Field label={t('edit.notes')} fault={faultOf('notes')}>
          {(parts) => <TextArea {...parts} name="notes" maxLength={2000} defaultValue={target.notes ?? ''} />}
        </Field>
        <Field label={t('edit.url')} hint={t('edit.urlHint')} fault={faultOf('url')}>
          {(parts) => <Input {...parts} name="url" type="url" defaultValue={target.url ?? ''} />}
        </Field>
        <Field label={t('edit.tags')} hint={t('edit.tagsHint')} fault={faultOf('tags')}>
          {(parts) => <Input {...parts} name="tags" autoComplete="off" defaultValue={target.tags.join(', ')} />}
        </Field>
        <Field label={t('edit.frequency')} hint={t('edit.frequencyHint')} fault={faultOf('frequency')}>
          {(parts) => (
            <Input
              {...parts}
              name="frequency"
              type="number"
              step="any"
              min={0.1}
              max={3600}
              defaultValue={target.frequency}
            />
          )}
        </Field>
        <div className="grid grid-cols-[1fr_auto] gap-3">
          <Field label={t('edit.host')} hint={t('edit.hostHint', { ip: target.ip })} fault={faultOf('host')}>
            {(parts) => (
              <Input {...parts} name="host" autoCapitalize="off" spellCheck={false} defaultValue={target.host ?? ''} />
            )}
          </Field>
          <Field label={t('edit.family')}>
            {(parts) => (
              <Select
                {...parts}
                options={families.map((value) => ({ value, label: t(`family.${value}`) }))}
                value={family}
                onChange={setFamily}
              />
            )}
          </Field>
        </div>
        <div className="grid grid-cols-2 gap-3">
          <Field label={t('edit.probe')}>
            {(parts) => (
              <Select
                {...parts}
                options={probeKindNames.map((value) => ({ value, label: common(`probe.${value}`) }))}
                value={probe}
                onChange={setProbe}
              />
            )}
          </Field>
          {probeKinds[probe].takesPort && (
            <Field label={t('edit.port')} fault={faultOf('port')}>
              {(parts) => <Input {...parts} name="port" inputMode="numeric" defaultValue={target.port ?? 443} />}
            </Field>
          )}
        </div>
        <PacketFields target={target} faults={faults} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>{common('cancel')}</Button>
          <Button type="submit" look="primary" disabled={isSaving}>
            {t('edit.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
