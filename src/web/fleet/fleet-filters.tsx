import { LayoutGrid, List, Search } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type TargetState, targetStates } from '../../core/outage/target-state.ts';
import { useKeys } from '../layout/use-keys.ts';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { Input } from '../ui/input.tsx';
import { StateGlyph } from './rows/state-mark.tsx';
import type { FleetSearch } from './data/fleet-search.ts';

const chip =
  'inline-flex h-8 items-center gap-1.5 rounded-full border px-2.5 text-small font-medium whitespace-nowrap shrink-0 ' +
  'aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent';
/** On a phone one line each that scrolls sideways, so that the targets are not pushed off the screen. */
const chips = 'flex gap-1.5 max-sm:order-2 max-sm:w-full max-sm:overflow-x-auto sm:flex-wrap';
const calm = 'border-line bg-surface text-ink-2 hover:bg-hover';

export function FleetFilters({
  search,
  onSearch,
  counts,
  tags,
}: {
  readonly search: FleetSearch;
  readonly onSearch: (change: Partial<Record<keyof FleetSearch, unknown>>) => void;
  readonly counts: Readonly<Record<TargetState, number>>;
  readonly tags: readonly string[];
}) {
  const { t } = useTranslation(['fleet', 'common']);
  const box = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => box.current?.select() });
  const { state: states = [], tag: chosen = [], view = 'table' } = search;
  const isOther = view === 'table' ? 'tiles' : 'table';
  return (
    <div className="print-hidden flex flex-wrap items-center gap-2">
      <div className="relative min-w-0 flex-1 sm:w-72 sm:flex-none">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />
        <Input
          ref={box}
          type="search"
          aria-label={t('search')}
          aria-keyshortcuts="/"
          placeholder={t('searchHint')}
          className="pl-8"
          value={search.q ?? ''}
          onChange={(event) => onSearch({ q: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      </div>
      <div role="group" aria-label={t('filterState')} className={chips}>
        {targetStates
          .filter((state) => counts[state] > 0 || states.includes(state))
          .map((state) => (
            <button
              key={state}
              type="button"
              aria-pressed={states.includes(state)}
              onClick={() => onSearch({ state: toggled(states, state) })}
              className={classNames(chip, calm)}
            >
              <StateGlyph state={state} />
              {t(`common:state.${state}`)}
              <span className="text-ink-3">{counts[state]}</span>
            </button>
          ))}
      </div>
      {tags.length > 0 && (
        <div role="group" aria-label={t('filterTag')} className={chips}>
          {tags.map((tag) => (
            <button
              key={tag}
              type="button"
              aria-pressed={chosen.includes(tag)}
              onClick={() => onSearch({ tag: toggled(chosen, tag) })}
              className={classNames(chip, calm)}
            >
              <span aria-hidden className="text-ink-3">
                #
              </span>
              <span data-server-text>{tag}</span>
            </button>
          ))}
        </div>
      )}
      <Button
        className="ml-auto max-sm:order-1"
        look="quiet"
        onClick={() => onSearch({ view: isOther === 'table' ? undefined : 'tiles' })}
      >
        {isOther === 'tiles' ? <LayoutGrid aria-hidden /> : <List aria-hidden />}
        <span className="max-sm:sr-only">{t(`view.${isOther}`)}</span>
      </Button>
    </div>
  );
}

function toggled<T>(values: readonly T[], value: T): readonly T[] | undefined {
  const next = values.includes(value) ? values.filter((each) => each !== value) : [...values, value];
  return next.length === 0 ? undefined : next;
}
