import { useTranslation } from 'react-i18next';
import type { FleetStore } from '../fleet/fleet-store.ts';
import { StateMark, stateGround } from '../fleet/state-mark.tsx';
import { useEntry, useFleet, useStateVersion } from '../fleet/use-fleet.ts';
import { sendFailureOf } from '../../core/send-failure.ts';
import { useFormat } from '../i18n/format.ts';
import { classNames } from '../ui/class-names.ts';
import { serverNow } from '../clock/clock.ts';

/** How the target is at this moment, as the fleet shows it, and its last round trip. */
export function LiveState({ id }: { readonly id: number }) {
  const { store } = useFleet();
  useStateVersion(store);
  return store.entry(id) === undefined ? null : <Known store={store} id={id} />;
}

function Known({ store, id }: { readonly store: FleetStore; readonly id: number }) {
  const { t } = useTranslation(['target', 'common']);
  const format = useFormat();
  const entry = useEntry(store, id);
  if (entry === undefined) return null;
  const { state, since, reason, lastAt, lastMillis } = entry;
  const isProbed = state !== 'paused' && state !== 'synthetic';
  return (
    <span
      className="flex flex-wrap items-center gap-x-3 gap-y-1 text-small font-medium tracking-normal"
      data-now={state}
    >
      <span className={classNames('inline-flex gap-1.5 rounded-full px-2.5 py-0.5', stateGround[state])}>
        <StateMark state={state} />
        {state === 'not-sent' && (
          <span className="text-ink-2" data-reason={reason.code}>
            {t(`sendFailure.${sendFailureOf(Number(reason.params['errno']))}`)}
          </span>
        )}
        {state === 'synthetic' && <span className="text-ink-2">{t('synthetic')}</span>}
        {isProbed && since !== undefined && (
          <span className="text-ink-2">{t('stateFor', { length: format.duration(serverNow() - since) })}</span>
        )}
      </span>
      {isProbed && lastAt !== undefined && (
        <span className="font-mono" data-last>
          {lastMillis === undefined ? <span className="text-bad">{t('common:lost')}</span> : format.latency(lastMillis)}
        </span>
      )}
    </span>
  );
}
