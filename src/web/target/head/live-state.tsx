import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listLogs } from '../../../contract/history/history.ts';
import type { TargetShape } from '../../../contract/targets/targets.ts';
import { sendFailureOf } from '../../../core/result/send-failure.ts';
import { api } from '../../api.ts';
import { serverNow } from '../../clock/clock.ts';
import { StateMark, stateGround } from '../../fleet/rows/state-mark.tsx';
import { useFormat } from '../../i18n/format.ts';
import { useLive } from '../../live/use-live.ts';
import { classNames } from '../../ui/class-names.ts';

interface LastResult {
  readonly time: string;
  /** `null` if the probe was lost. */
  readonly latency_ms: number | null;
}

/** A target's current state, and its last round trip. */
export function LiveState({ target }: { readonly target: TargetShape }) {
  const { t } = useTranslation(['target', 'common']);
  const format = useFormat();
  const last = useLastResult(target.id);
  useEverySecond();
  const { state, reason } = target;
  const since = target.state_since === null ? undefined : Date.parse(target.state_since);
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
      {isProbed && last !== undefined && (
        <span className="font-mono" data-last>
          {last.latency_ms === null ? (
            <span className="text-bad">{t('common:lost')}</span>
          ) : (
            format.latency(last.latency_ms)
          )}
        </span>
      )}
    </span>
  );
}

/** The last stored result, then each as it comes. */
function useLastResult(targetId: number): LastResult | undefined {
  const [heard, setHeard] = useState<LastResult>();
  const { data } = useQuery({
    queryKey: ['last-result', targetId],
    staleTime: 0,
    queryFn: ({ signal }) => api.call(listLogs, { params: { id: targetId }, query: { limit: 1 }, signal }),
  });
  useLive({
    targets: [targetId],
    onResults: (results) => setHeard(results.findLast(({ target_id: id }) => id === targetId) ?? heard),
  });
  return heard ?? data?.at(-1);
}

/** Redraws each second: the duration of a state grows without any news. */
function useEverySecond(): void {
  const [, setCount] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setCount((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
}
