import { type JSX, type ReactNode, useState } from 'react';

export interface TableTwinProps {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly ReactNode[])[];
  readonly empty: string;
  /** Words of the pager. */
  readonly words: Readonly<Record<'earlier' | 'later', string>> & {
    readonly page: (page: number, pages: number) => string;
  };
}

const pageRows = 25;

/** A chart's numbers as a table, page by page. */
export function TableTwin({ caption, head, rows, empty, words }: TableTwinProps): JSX.Element {
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(rows.length / pageRows));
  const shown = Math.min(page, pages - 1);
  const button = 'min-h-7 rounded-md border border-border px-2 text-xs disabled:opacity-50';
  return (
    <div>
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={caption}>
        <table className="w-full border-collapse text-xs tabular-nums">
          <caption className="sr-only">{caption}</caption>
          <thead>
            <tr className="border-b border-border text-left text-muted-foreground">
              {head.map((name, index) => (
                <th
                  key={name}
                  scope="col"
                  className={`px-2 py-1.5 font-medium whitespace-nowrap ${index === 0 ? '' : 'text-right'}`}
                >
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(shown * pageRows, (shown + 1) * pageRows).map((row, rowIndex) => (
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={rowIndex} className="border-b border-border/60 last:border-0">
                {row.map((cell, index) =>
                  index === 0 ? (
                    <th key={head[index]} scope="row" className="px-2 py-1 text-left font-normal whitespace-nowrap">
                      {cell}
                    </th>
                  ) : (
                    <td key={head[index]} className="px-2 py-1 text-right whitespace-nowrap">
                      {cell}
                    </td>
                  ),
                )}
              </tr>
            ))}
            {rows.length === 0 ? (
              <tr>
                <td colSpan={head.length} className="px-2 py-4 text-center text-muted-foreground">
                  {empty}
                </td>
              </tr>
            ) : null}
          </tbody>
        </table>
      </div>
      {pages > 1 ? (
        <div className="mt-2 flex items-center justify-end gap-2 text-xs">
          <span>{words.page(shown + 1, pages)}</span>
          <button type="button" className={button} disabled={shown === 0} onClick={() => setPage(shown - 1)}>
            {words.earlier}
          </button>
          <button type="button" className={button} disabled={shown === pages - 1} onClick={() => setPage(shown + 1)}>
            {words.later}
          </button>
        </div>
      ) : null}
    </div>
  );
}
