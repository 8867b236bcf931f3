import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/format.ts';
import { classNames } from '../ui/class-names.ts';
import { figuresOf, type HopView, lossesOnTheWay } from './hop-view.ts';

/** Every hop with its addresses, loss and round trips; each round trip is a mark on one common scale. */
export function HopTable({ hops, caption }: { readonly hops: readonly HopView[]; readonly caption: string }) {
  const { t } = useTranslation('path');
  const format = useFormat();
  const figures = hops.map(figuresOf);
  const isOnTheWay = lossesOnTheWay(figures);
  const hasOwnLoss = figures.some(
    ({ loss, rttsMs }, index) => rttsMs.length > 0 && (loss ?? 0) > 0 && !isOnTheWay[index],
  );
  const longest = Math.max(0.001, ...figures.map(({ max }) => max ?? 0));
  const heads = [t('hop'), t('host'), t('loss'), t('min'), t('average'), t('max')];
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={caption}>
      <table className="w-full border-collapse text-small">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-ink-3">
            {heads.map((head, index) => (
              <th
                key={head}
                scope="col"
                className={classNames(
                  'px-2 py-1.5 font-medium whitespace-nowrap',
                  index < 2 ? 'text-left' : 'text-right',
                  index === 1 && 'min-w-36',
                )}
              >
                {head}
              </th>
            ))}
            <th scope="col" className="w-[30%] min-w-32 px-2 py-1.5 text-left font-medium">
              {t('rtts')}
            </th>
          </tr>
        </thead>
        <tbody>
          {hops.map((hop, index) => {
            const { rttsMs, min, avg, max, loss } = figures[index] ?? figuresOf(hop);
            return (
              <tr key={hop.ttl} className="animate-appear border-b border-line/70 align-top last:border-0">
                <td className="px-2 py-1.5 text-ink-3">{hop.ttl}</td>
                <td className="px-2 py-1.5">
                  {hop.addresses.length === 0 && <span className="text-ink-3">{t('silence')}</span>}
                  {hop.addresses.map(({ ip, host, labels }) => (
                    <div key={ip} className="break-all">
                      {host !== null && host !== ip && (
                        <span data-server-text className="mr-2 font-medium">
                          {host}
                        </span>
                      )}
                      <span className="font-mono text-tiny text-ink-2">{ip}</span>
                      {labels.length > 0 && (
                        <span className="ml-2 text-tiny text-ink-3">{t('labels', { labels: labels.join('/') })}</span>
                      )}
                    </div>
                  ))}
                  {hop.mark !== null && <span className="font-mono text-tiny text-bad">{hop.mark}</span>}
                </td>
                <td
                  className={classNames(
                    'px-2 py-1.5 text-right whitespace-nowrap',
                    isOnTheWay[index] === true && 'font-semibold text-bad',
                  )}
                >
                  {format.share(loss)}
                </td>
                {[min, avg, max].map((value, column) => (
                  <td key={heads[column + 3]} className="px-2 py-1.5 text-right whitespace-nowrap">
                    {format.latency(value)}
                  </td>
                ))}
                <td className="px-2 py-2">
                  <div aria-hidden className="relative h-3.5 rounded-sm bg-sunken">
                    {min !== null && max !== null && (
                      <span
                        className="absolute inset-y-0 rounded-sm bg-accent/25"
                        style={{ left: 0, width: `${((avg ?? 0) / longest) * 100}%` }}
                      />
                    )}
                    {rttsMs.map((rtt, mark) => (
                      <span
                        // oxlint-disable-next-line react/no-array-index-key
                        key={mark}
                        className="absolute inset-y-0 w-0.5 bg-accent"
                        style={{ left: `min(calc(100% - 2px), ${(rtt / longest) * 100}%)` }}
                      />
                    ))}
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {hasOwnLoss && <p className="px-2 pt-2 text-small text-ink-3">{t('ownLoss')}</p>}
    </div>
  );
}
