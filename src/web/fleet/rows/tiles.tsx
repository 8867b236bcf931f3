import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { TargetState } from '../../../core/outage/target-state.ts';
import { nameOf, secondLineOf } from '../../../contract/targets/target-place.ts';
import { useFormat } from '../../i18n/format.ts';
import { classNames } from '../../ui/class-names.ts';
import type { FleetEntry, FleetStore } from '../data/fleet-store.ts';
import { StateGlyph, stateGround } from './state-mark.tsx';
import { useEntry } from '../data/use-fleet.ts';

/**
 * Every target as a small square, worst first: the whole fleet at a glance. The table beneath says the same in words, so that
 * keyboard and screen reader need not pass hundreds of squares.
 */
export const TileMap = memo(function TileMap({ entries }: { readonly entries: readonly FleetEntry[] }) {
  return (
    <div aria-hidden className="print-hidden flex max-h-26 flex-wrap gap-[3px] overflow-y-auto sm:max-h-60">
      {entries.map(({ target, state }) => (
        <Square key={target.id} id={target.id} ip={nameOf(target)} state={state} />
      ))}
    </div>
  );
});

const Square = memo(function Square({
  id,
  ip,
  state,
}: {
  readonly id: number;
  readonly ip: string;
  readonly state: TargetState;
}) {
  return (
    <Link
      to="/app/targets/$id"
      params={{ id: String(id) }}
      tabIndex={-1}
      title={ip}
      preload={false}
      className={classNames(
        'grid size-6 place-items-center rounded-[5px] hover:ring-2 hover:ring-accent',
        stateGround[state],
      )}
    >
      <StateGlyph state={state} className="size-3.5" />
    </Link>
  );
});

/** Every target as a tile with its name and last round trip. */
export function Tiles({ store, entries }: { readonly store: FleetStore; readonly entries: readonly FleetEntry[] }) {
  const { t } = useTranslation('fleet');
  return (
    <ul aria-label={t('targets')} className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-2">
      {entries.map(({ target }) => (
        <Tile key={target.id} store={store} id={target.id} />
      ))}
    </ul>
  );
}

const Tile = memo(function Tile({ store, id }: { readonly store: FleetStore; readonly id: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entry = useEntry(store, id);
  if (entry === undefined) return null;
  const { target, state, lastMillis } = entry;
  return (
    <li className="[contain-intrinsic-size:auto_4.5rem] [content-visibility:auto]">
      <Link
        to="/app/targets/$id"
        params={{ id: String(id) }}
        preload={false}
        className={classNames(
          'grid h-full content-start gap-0.5 rounded-lg border border-transparent px-2.5 py-2 hover:border-accent',
          stateGround[state],
        )}
      >
        <span className="flex items-center gap-1.5">
          <StateGlyph state={state} />
          <span className="sr-only">{t(`state.${state}`)}</span>
          <span className="ml-auto font-mono text-small">
            {state === 'down' ? t('lost') : format.latency(lastMillis)}
          </span>
        </span>
        <span className="truncate font-medium" data-server-text>
          {nameOf(target)}
        </span>
        <span className="truncate text-small text-ink-2" data-server-text>
          {secondLineOf(target)}
        </span>
      </Link>
    </li>
  );
});
