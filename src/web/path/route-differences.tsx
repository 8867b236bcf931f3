import { useTranslation } from 'react-i18next';
import { comparePaths, type HopDifference } from '../../core/path/path-change.ts';
import type { StoredTraceEntry } from '../../contract/paths/traceroute.ts';
import { useFormat } from '../i18n/format.ts';
import { classNames } from '../ui/class-names.ts';

const marks: Readonly<Record<HopDifference, string>> = {
  ...{ same: '=', changed: '≠', silent: '?', onlyLeft: '−', onlyRight: '+' },
};

type Hop = StoredTraceEntry['hops'][number] | undefined;

const addressesOf = ({ hops }: StoredTraceEntry): readonly (readonly string[])[] =>
  hops.map(({ addresses }) => addresses.map(({ ip }) => ip));

/** Two traces hop by hop: the other one left, the selected one right. A hop that was silent on one side is not a change. */
export function RouteDifferences({
  left,
  right,
}: {
  readonly left: StoredTraceEntry;
  readonly right: StoredTraceEntry;
}) {
  const { t } = useTranslation('path');
  const { dateTime, latency } = useFormat();
  const kinds = comparePaths(addressesOf(left), addressesOf(right));
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={t('differences')}>
      <table className="w-full border-collapse text-small">
        <caption className="sr-only">{t('differences')}</caption>
        <thead>
          <tr className="border-b border-line text-left text-ink-3">
            <th scope="col" className="px-2 py-1.5 font-medium">
              {t('hop')}
            </th>
            <th scope="col" className="px-2 py-1.5 font-medium">
              {dateTime(left.started_at)}
            </th>
            <th scope="col" className="px-2 py-1.5">
              <span className="sr-only">{t('differences')}</span>
            </th>
            <th scope="col" className="px-2 py-1.5 font-medium">
              {dateTime(right.started_at)}
            </th>
          </tr>
        </thead>
        <tbody>
          {kinds.map((kind, index) => {
            return (
              <tr
                key={index}
                className={classNames(
                  'border-b border-line/70 align-top last:border-0',
                  kind !== 'same' && kind !== 'silent' && 'bg-warn-soft',
                )}
              >
                <td className="px-2 py-1.5 text-ink-3">{index + 1}</td>
                <Side hop={left.hops[index]} silence={t('silence')} latency={latency} />
                <td className="px-2 py-1.5 text-center whitespace-nowrap">
                  <span aria-hidden className="font-mono">
                    {marks[kind]}
                  </span>{' '}
                  <span className="text-tiny text-ink-2">{t(kind)}</span>
                </td>
                <Side hop={right.hops[index]} silence={t('silence')} latency={latency} />
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Side({
  hop,
  silence,
  latency,
}: {
  readonly hop: Hop;
  readonly silence: string;
  readonly latency: (value: number | null) => string;
}) {
  if (hop === undefined) return <td className="px-2 py-1.5" />;
  return (
    <td className="px-2 py-1.5">
      {hop.addresses.length === 0 && <span className="text-ink-3">{silence}</span>}
      {hop.addresses.map(({ ip, host }) => (
        <div key={ip} className="break-all">
          {host !== null && host !== ip && (
            <span data-server-text className="mr-2">
              {host}
            </span>
          )}
          <span className="font-mono text-tiny text-ink-2">{ip}</span>
        </div>
      ))}
      {hop.rtt_ms !== null && <div className="text-tiny text-ink-3">{latency(hop.rtt_ms)}</div>}
    </td>
  );
}
