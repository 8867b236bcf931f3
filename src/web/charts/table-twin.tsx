import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { usePrinting } from '../ui/printing.ts';

const pageRows = 25;

/** A chart, or its content in words and figures. */
export const forms = ['chart', 'table'] as const;

/** A chart's numbers as a table, page by page. */
export function TableTwin({
  caption,
  head,
  rows,
  empty,
  order = 'none',
}: {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly ReactNode[])[];
  readonly empty: string;
  readonly order?: 'newest-first' | 'none';
}) {
  const { t } = useTranslation('target');
  const isByTime = order === 'newest-first';
  const [page, setPage] = useState(0);
  const isPrinting = usePrinting();
  const pages = Math.max(1, Math.ceil(rows.length / pageRows));
  const shown = Math.min(page, pages - 1);
  return (
    <div className="grid gap-2">
      <DataTable
        caption={caption}
        head={head}
        rows={isPrinting ? rows : rows.slice(shown * pageRows, (shown + 1) * pageRows)}
        empty={empty}
      />
      {pages > 1 && (
        <div className="print-hidden flex items-center justify-end gap-2 text-small">
          <span className="text-ink-3">{t('page', { page: shown + 1, pages })}</span>
          <Button size="small" disabled={shown === 0} onClick={() => setPage(shown - 1)}>
            {isByTime ? t('pageNewer') : t('pagePrevious')}
          </Button>
          <Button size="small" disabled={shown === pages - 1} onClick={() => setPage(shown + 1)}>
            {isByTime ? t('pageOlder') : t('pageNext')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Rows with a name in the first column and figures in the others. */
export function DataTable({
  caption,
  head,
  rows,
  empty,
  textColumns = 1,
}: {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly ReactNode[])[];
  readonly empty: string;
  /** This many columns contain words, the others figures. */
  readonly textColumns?: number;
}) {
  const side = (index: number): string => (index < textColumns ? 'text-left' : 'text-right');
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={caption}>
      <table className="w-full border-collapse text-small">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-ink-3">
            {head.map((name, index) => (
              <th
                key={name}
                scope="col"
                className={classNames('px-2 py-1.5 font-medium whitespace-nowrap', side(index))}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, rowIndex) => (
            // oxlint-disable-next-line react/no-array-index-key
            <tr key={rowIndex} className="border-b border-line/70 last:border-0 hover:bg-hover/60">
              {row.map((cell, index) => (
                <td
                  key={head[index]}
                  className={classNames(
                    'px-2 py-1 align-baseline',
                    index >= textColumns && 'whitespace-nowrap',
                    side(index),
                  )}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={head.length} className="px-2 py-6 text-center text-ink-3">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
