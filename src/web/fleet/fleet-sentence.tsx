import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UplinkShape } from '../../contract/fleet.ts';
import { type TargetState, targetStates } from '../../core/outage/target-state.ts';
import { useFormat } from '../i18n/format.ts';
import { classNames } from '../ui/class-names.ts';

const order = [
  ...(['down', 'not-sent', 'partial', 'degraded', 'slow', 'up', 'pending', 'paused', 'synthetic'] as const),
] as const satisfies readonly TargetState[];

/** How many are in which state, and whether the trouble may be our own. */
export function FleetSentence({
  counts,
  uplink,
}: {
  readonly counts: Readonly<Record<TargetState, number>>;
  readonly uplink: UplinkShape;
}) {
  const { t } = useTranslation('fleet');
  const format = useFormat();
  const parts = order.flatMap((state) => (counts[state] > 0 ? [t(`count.${state}`, { count: counts[state] })] : []));
  const total = targetStates.reduce((sum, state) => sum + counts[state], 0);
  const isAllUp = counts.up === total;
  const sentence = isAllUp ? t('allUp', { count: total }) : format.list(parts);
  return (
    <div className="grid gap-1">
      <h1 className="text-lg font-semibold tracking-tight text-balance sm:text-xl" data-sentence>
        {t('sentence', { sentence: sentence.charAt(0).toLocaleUpperCase(format.locale) + sentence.slice(1) })}
      </h1>
      <UplinkLine uplink={uplink} />
    </div>
  );
}

function UplinkLine({ uplink }: { readonly uplink: UplinkShape }) {
  const { t } = useTranslation('fleet');
  const format = useFormat();
  const time = uplink.since === null ? '' : format.clock(uplink.since);
  const count = uplink.count ?? 0;
  switch (uplink.status) {
    case 'ok':
      return <Line icon={<CircleCheck aria-hidden className="text-good" />}>{t('uplink.ok')}</Line>;
    case 'unknown':
      return <Line icon={<CircleHelp aria-hidden className="text-ink-3" />}>{t('uplink.unknown')}</Line>;
    case 'not-sending':
      return <Line isBad>{t('uplink.notSending', { count })}</Line>;
    case 'suspect':
      return <Line isBad>{t('uplink.suspect', { count, time })}</Line>;
    case 'down':
      if (uplink.gateway === null) return <Line isBad>{t('uplink.allDown', { time })}</Line>;
      return <Line isBad>{t('uplink.gatewayDown', { gateway: uplink.gateway, time })}</Line>;
    default:
      return uplink.status satisfies never;
  }
}

function Line({
  isBad = false,
  icon,
  children,
}: {
  readonly isBad?: boolean;
  readonly icon?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <p
      data-uplink
      className={classNames(
        'flex items-center gap-1.5 [&_svg]:size-4 [&_svg]:shrink-0',
        isBad ? 'font-medium text-bad' : 'text-ink-2',
      )}
    >
      {icon ?? <TriangleAlert aria-hidden />}
      <span>{children}</span>
    </p>
  );
}
