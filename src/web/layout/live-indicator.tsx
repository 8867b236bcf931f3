import { useTranslation } from 'react-i18next';
import { useLiveStatus } from '../live/use-live.ts';
import { classNames } from '../ui/class-names.ts';

const dots = { live: 'bg-good', connecting: 'bg-idle animate-pulse', stale: 'bg-warn', offline: 'bg-bad' } as const;

export function LiveIndicator() {
  const { t } = useTranslation();
  const status = useLiveStatus();
  return (
    <span
      data-live={status}
      className="flex items-center gap-1.5 rounded-full text-small text-ink-2 max-sm:mx-1 sm:border sm:border-line sm:px-2 sm:py-0.5"
    >
      <span aria-hidden className={classNames('keeps-colors size-2 rounded-full', dots[status])} />
      <span role="status" className="max-sm:sr-only">
        {t(`live.${status}`)}
      </span>
    </span>
  );
}
