import { useTranslation } from 'react-i18next';
import type { TargetShape } from '../../../contract/targets/targets.ts';
import {
  dscpMax,
  packetTtlMax,
  packetTtlMin,
  payloadBytesMax,
  plainPayloadBytes,
} from '../../../core/target/probe-packet.ts';
import { Field, Input } from '../../ui/input.tsx';

const limits = {
  packet_size: { min: 0, max: payloadBytesMax, plain: String(plainPayloadBytes) },
  dscp: { min: 0, max: dscpMax, plain: '0' },
  ttl: { min: packetTtlMin, max: packetTtlMax, plain: '' },
} as const;
type PacketField = keyof typeof limits;
const names = ['packet_size', 'dscp', 'ttl'] as const satisfies readonly PacketField[];

/** What the probes of a target look like on the wire; empty is the value of a plain probe. */
export function PacketFields({
  target,
  faults,
}: {
  readonly target: TargetShape;
  readonly faults: ReadonlySet<string>;
}) {
  const { t } = useTranslation('target');
  return (
    <fieldset className="grid gap-2 rounded-lg border border-line px-3 pt-1 pb-3">
      <legend className="px-1 text-small font-medium text-ink-2">{t('packet.title')}</legend>
      <div className="grid grid-cols-3 items-end gap-3">
        {names.map((name) => {
          const { min, max, plain } = limits[name];
          return (
            <Field
              key={name}
              label={t(`packet.${name}`)}
              fault={faults.has(name) ? t('packet.fault', { min, max }) : undefined}
            >
              {(parts) => (
                <Input
                  {...parts}
                  {...{ name, min, max }}
                  type="number"
                  step={1}
                  placeholder={plain}
                  defaultValue={target[name] ?? ''}
                />
              )}
            </Field>
          );
        })}
      </div>
      <label className="flex items-center gap-2 text-small text-ink-2">
        <input
          type="checkbox"
          name="dont_fragment"
          value="true"
          defaultChecked={target.dont_fragment}
          className="size-4 accent-(--accent)"
        />
        {t('packet.dont_fragment')}
      </label>
      <p className="text-small text-ink-3">{t('packet.hint', { size: payloadBytesMax })}</p>
    </fieldset>
  );
}

export function packetOf(
  text: (name: string) => string,
): Readonly<Record<PacketField, number | null>> & { readonly dont_fragment: boolean } {
  const valueOf = (name: PacketField): number | null => (text(name).trim() === '' ? null : Number(text(name)));
  return {
    ...{ packet_size: valueOf('packet_size'), dscp: valueOf('dscp'), ttl: valueOf('ttl') },
    dont_fragment: text('dont_fragment') === 'true',
  };
}
