import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import {
  type FocusEvent,
  memo,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { useTranslation } from 'react-i18next';
import { useKeys } from '../../layout/use-keys.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { classNames } from '../../ui/class-names.ts';
import { usePrinting } from '../../ui/printing.ts';
import { type SortKey, parseSort } from '../data/fleet-order.ts';
import type { FleetEntry, FleetStore } from '../data/fleet-store.ts';
import { FleetRow } from './fleet-row.tsx';
import type { Selection } from '../data/selection.ts';

/** In rem, as in the rows' class: on a phone a row has two lines. */
const rowRems = { wide: 2.5, phone: 3.75 };
const phone = matchMedia('(width < 40rem)');
const listenToWidth = (changed: () => void): (() => void) => {
  phone.addEventListener('change', changed);
  return () => phone.removeEventListener('change', changed);
};

/** Depending on the room: from the phone, which shows who and how, to the wall display. */
const columns = [
  { name: 'name', sort: 'name', className: 'w-auto text-left' },
  { name: 'state', sort: 'worst', className: 'w-[7.5rem] text-left max-[460px]:w-10' },
  { name: 'last', sort: 'last', className: 'w-[6rem] text-right' },
  { name: 'spark', sort: undefined, className: 'w-44 text-left hidden sm:table-cell xl:w-72 2xl:w-96' },
  { name: 'p50', sort: 'p50', className: 'w-[5.5rem] text-right hidden lg:table-cell' },
  { name: 'p95', sort: 'p95', className: 'w-[5.5rem] text-right hidden md:table-cell' },
  { name: 'loss', sort: 'loss', className: 'w-[4.5rem] text-right hidden md:table-cell' },
  { name: 'jitter', sort: 'jitter', className: 'w-[5.5rem] text-right hidden lg:table-cell' },
  { name: 'hops', sort: 'hops', className: 'w-[4rem] text-right hidden xl:table-cell' },
  { name: 'since', sort: 'since', className: 'w-[7.5rem] text-right hidden lg:table-cell print:table-cell' },
] as const;

export const FleetTable = memo(function FleetTable({
  store,
  entries,
  selection,
  sort,
  onSort,
  onPresence,
}: {
  readonly store: FleetStore;
  readonly entries: readonly FleetEntry[];
  readonly selection: Selection;
  readonly sort: string | undefined;
  readonly onSort: (sort: string | undefined) => void;
  /** Whether pointer or focus is in the table: rows should then stay where they are. */
  readonly onPresence: (isPresent: boolean) => void;
}) {
  const { t } = useTranslation(['fleet', 'common']);
  const presence = usePresence(onPresence);
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void =>
      setTop((body.current?.getBoundingClientRect().top ?? 0) + document.documentElement.scrollTop);
    measure();
    // What is above may grow: a banner, more tags.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const isPhone = useSyncExternalStore(listenToWidth, () => phone.matches);
  const rowHeight = rootPixels() * (isPhone ? rowRems.phone : rowRems.wide);
  const virtual = useWindowVirtualizer({
    count: entries.length,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: top,
    // Header and banners are above, the bar of the selection below: the row in use is under neither.
    ...{ scrollPaddingStart: 150, scrollPaddingEnd: 120 },
    getItemKey: (index) => entries[index]?.target.id ?? index,
  });
  useLayoutEffect(() => virtual.measure(), [virtual, rowHeight]);
  const [cursor, setCursor] = useState<number>();
  // Rows keep the functions that they were created with.
  const latestCursor = useRef(cursor);
  latestCursor.current = cursor;
  const ids = entries.map(({ target }) => target.id);
  const visible = virtual.getVirtualItems();
  const isPrinting = usePrinting();
  const items = isPrinting ? ids.map((id, index) => ({ index, key: id })) : visible;
  const before = isPrinting ? 0 : (visible[0]?.start ?? top) - top;
  const after = isPrinting ? 0 : Math.max(0, virtual.getTotalSize() - ((visible.at(-1)?.end ?? top) - top));

  function moveTo(index: number): void {
    const next = Math.min(entries.length - 1, Math.max(0, index));
    setCursor(next);
    virtual.scrollToIndex(next, { align: 'auto' });
  }
  const awaited = useRef<number>(undefined);
  useLayoutEffect(() => {
    awaited.current = cursor;
  }, [cursor]);
  // After each render: a row that is scrolled to exists only after the window has reported the scrolling.
  useLayoutEffect(() => {
    if (awaited.current === undefined) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${awaited.current}"] a`);
    if (row === null || row === undefined) return;
    awaited.current = undefined;
    // If the focus has moved elsewhere, it stays there.
    const { activeElement } = document;
    const isElsewhere = activeElement !== document.body && body.current?.contains(activeElement) === false;
    if (!isElsewhere) row.focus();
  });

  function step(by: number, isExtending: boolean): void {
    const from = cursor ?? -1;
    if (isExtending && cursor !== undefined) selection.set([ids[cursor], ids[cursor + by]], true);
    moveTo(from + by);
  }
  useKeys({
    j: () => step(1, false),
    k: () => step(-1, false),
    ArrowDown: (event) => step(1, event.shiftKey),
    ArrowUp: (event) => step(-1, event.shiftKey),
    x: () => {
      const id = cursor === undefined ? undefined : ids[cursor];
      if (id !== undefined) selection.set([id], !selection.has(id));
    },
    a: () => selection.set(ids, true),
    Escape: () => selection.clear(),
  });

  const { key, isDescending } = parseSort(sort);
  const selectedCount = ids.filter((id) => selection.has(id)).length;
  return (
    <div className="overflow-x-clip rounded-xl border border-line bg-surface print:border-0" {...presence}>
      <table className="w-full table-fixed border-collapse" aria-rowcount={entries.length + 1}>
        <caption className="sr-only">{t('tableCaption')}</caption>
        <thead className="text-small text-ink-3">
          <tr className="h-9 border-b border-line" aria-rowindex={1}>
            <th scope="col" className="w-10 pl-3 text-left print:hidden">
              <Checkbox
                label={t('selectAll')}
                isChecked={selectedCount > 0 && selectedCount === ids.length}
                isMixed={selectedCount > 0 && selectedCount < ids.length}
                onChange={(isChecked) => selection.set(ids, isChecked)}
              />
            </th>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={classNames('px-2 font-medium last:pr-3', column.className)}
                aria-sort={column.sort !== key ? 'none' : isDescending ? 'descending' : 'ascending'}
              >
                {column.sort === undefined ? (
                  t(`column.${column.name}`)
                ) : (
                  <SortButton
                    label={t(`column.${column.name}`)}
                    isShort={column.name === 'state'}
                    direction={column.sort !== key ? undefined : isDescending ? 'down' : 'up'}
                    onClick={() => onSort(nextSort(column.sort, key, isDescending))}
                  />
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {items.map(({ index, key: itemKey }) => {
            const id = ids[index];
            return id === undefined ? null : (
              <FleetRow
                key={itemKey}
                store={store}
                id={id}
                index={index}
                isSelected={selection.has(id)}
                isPhone={isPhone}
                onSelect={(isSelected, isRange) => {
                  const from = latestCursor.current;
                  if (isRange && from !== undefined) {
                    selection.set(ids.slice(Math.min(from, index), Math.max(from, index) + 1), isSelected);
                  } else selection.set([id], isSelected);
                  setCursor(index);
                }}
                onFocus={() => setCursor(index)}
              />
            );
          })}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
});

function usePresence(onPresence: (isPresent: boolean) => void) {
  const by = useRef({ pointer: false, focus: false });
  useEffect(() => () => onPresence(false), [onPresence]);
  return useMemo(() => {
    const change = (change: Partial<typeof by.current>): void => {
      Object.assign(by.current, change);
      onPresence(by.current.pointer || by.current.focus);
    };
    return {
      onPointerEnter: () => change({ pointer: true }),
      onPointerLeave: () => change({ pointer: false }),
      onFocus: () => change({ focus: true }),
      onBlur: ({ currentTarget, relatedTarget }: FocusEvent) =>
        change({ focus: relatedTarget instanceof Node && currentTarget.contains(relatedTarget) }),
    };
  }, [onPresence]);
}

function rootPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/** Figures start with the largest, words with the first; the third click restores the default order. */
function nextSort(column: SortKey, key: SortKey, isDescending: boolean): string | undefined {
  const isWord = column === 'name' || column === 'worst';
  const first = isWord ? column : `-${column}`;
  const second = isWord ? `-${column}` : column;
  if (column !== key) return first === 'worst' ? undefined : first;
  return isDescending === !isWord ? second : undefined;
}

function SortButton({
  label,
  isShort,
  direction,
  onClick,
}: {
  readonly label: string;
  /** On a phone the column is only as wide as its glyph. */
  readonly isShort: boolean;
  readonly direction: 'up' | 'down' | undefined;
  readonly onClick: () => void;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      className={classNames(
        'inline-flex h-7 max-w-full items-center gap-0.5 rounded hover:text-ink',
        direction && 'text-ink',
      )}
    >
      <span className={classNames('truncate', isShort && 'max-[460px]:sr-only')}>{label}</span>
      {direction === 'up' && <ArrowUp aria-hidden className="size-3.5 shrink-0" />}
      {direction === 'down' && <ArrowDown aria-hidden className="size-3.5 shrink-0" />}
    </button>
  );
}
