import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { FleetTarget } from '../../../contract/fleet.ts';
import { nameOf, secondLineOf } from '../../../contract/targets/target-place.ts';
import { useFormat } from '../../i18n/format.ts';
import { Badge } from '../../ui/badge.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { classNames } from '../../ui/class-names.ts';
import type { FleetStore } from '../data/fleet-store.ts';
import { Sparkline } from './sparkline.tsx';
import { StateMark } from './state-mark.tsx';
import { useEntry } from '../data/use-fleet.ts';
import { serverNow } from '../../clock/clock.ts';

const number = 'text-right font-mono text-small whitespace-nowrap';

function openOnEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter') event.stopPropagation();
}

// What changes with the hour's figures and not with every result is a component of its own: hundreds of rows get a result per
// second.
const Name = memo(function Name({ target, onFocus }: { readonly target: FleetTarget; readonly onFocus: () => void }) {
  const { id, tags } = target;
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <Link
        to="/app/targets/$id"
        params={{ id: String(id) }}
        onFocus={onFocus}
        onKeyDown={openOnEnter}
        className={classNames(
          'max-w-full shrink-0 scroll-mt-36 scroll-mb-28 truncate rounded font-medium hover:text-accent hover:underline',
          target.name === null && 'font-mono',
        )}
        data-server-text
      >
        {nameOf(target)}
      </Link>
      <span className="hidden min-w-0 truncate text-ink-2 sm:inline" data-server-text>
        {secondLineOf(target)}
      </span>
      {tags.map((tag) => (
        <Badge key={tag} className="shrink-0 max-xl:hidden" data-server-text>
          {tag}
        </Badge>
      ))}
    </span>
  );
});

const HourCells = memo(function HourCells({ target }: { readonly target: FleetTarget }) {
  const format = useFormat();
  const isLossy = (target.loss_rate ?? 0) > 0;
  return (
    <>
      <td className={classNames('hidden px-2 lg:table-cell', number)}>{format.latency(target.latency_p50_ms)}</td>
      <td className={classNames('hidden px-2 md:table-cell', number)}>{format.latency(target.latency_p95_ms)}</td>
      <td className={classNames('hidden px-2 md:table-cell', number, isLossy && 'text-bad')}>
        {format.share(target.loss_rate)}
      </td>
      <td className={classNames('hidden px-2 lg:table-cell', number)}>{format.latency(target.jitter_ms)}</td>
    </>
  );
});

/** One target, updated by each of its results. */
export const FleetRow = memo(
  function FleetRow({
    store,
    id,
    index,
    isSelected,
    isPhone,
    onSelect,
    onFocus,
  }: {
    readonly store: FleetStore;
    readonly id: number;
    readonly index: number;
    readonly isSelected: boolean;
    readonly isPhone: boolean;
    readonly onSelect: (isSelected: boolean, isRange: boolean) => void;
    readonly onFocus: () => void;
  }) {
    const { t } = useTranslation(['fleet', 'common']);
    const format = useFormat();
    const entry = useEntry(store, id);
    if (entry === undefined) return null;
    const { target, state, lastMillis, hops, since, lastAt, spark } = entry;
    return (
      <tr
        data-index={index}
        data-target={target.ip}
        data-state={state}
        aria-rowindex={index + 2}
        className={classNames(
          isPhone ? 'h-15' : 'h-10',
          // A layer of its own: the browser paints only the rows that change, not the whole table.
          'isolate border-b border-line last:border-0 focus-within:bg-hover hover:bg-hover',
          isSelected && 'bg-accent-soft',
        )}
      >
        <td className="pl-3 print:hidden">
          <Checkbox label={t('select', { ip: nameOf(target) })} isChecked={isSelected} onChange={onSelect} />
        </td>
        <th scope="row" className="px-2 text-left font-normal">
          <Name target={target} onFocus={onFocus} />
          {isPhone && <Sparkline spark={spark} version={store.versionOf(id)} className="mt-1 block h-5 w-full" />}
        </th>
        <td className="px-2">
          <StateMark state={state} className="max-[460px]:text-[0px]" />
        </td>
        <td className={classNames('px-2', number)} data-last>
          {lastAt === undefined ? (
            format.latency(undefined)
          ) : lastMillis === undefined ? (
            <span className="text-bad">{t('common:lost')}</span>
          ) : (
            format.latency(lastMillis)
          )}
          {isPhone && (target.loss_rate ?? 0) > 0 && (
            <span className="block text-tiny text-bad">
              <span className="sr-only">{t('column.loss')} </span>
              {format.share(target.loss_rate)}
            </span>
          )}
        </td>
        <td className="hidden px-2 sm:table-cell">
          {!isPhone && <Sparkline spark={spark} version={store.versionOf(id)} className="block h-7 w-full" />}
        </td>
        <HourCells target={target} />
        <td className={classNames('hidden px-2 xl:table-cell', number)}>{format.count(hops)}</td>
        <td className={classNames('hidden px-2 pr-3 lg:table-cell print:table-cell', number)}>
          {since === undefined ? format.count(undefined) : format.duration(serverNow() - since)}
        </td>
      </tr>
    );
  },
  (before, after) =>
    before.id === after.id &&
    before.index === after.index &&
    before.isSelected === after.isSelected &&
    before.isPhone === after.isPhone &&
    before.store === after.store,
);
