import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, FileUp } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { exportTargets, importTargets, showImportTemplate } from '../../contract/targets/target-files.ts';
import { api } from '../api.ts';
import { basePath } from '../base-path.ts';
import { useFormat } from '../i18n/format.ts';
import { wordsOf } from '../i18n/words-of.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';

interface Run {
  readonly file: File;
  readonly isPreview: boolean;
}

/** A CSV file, checked row by row before any is accepted; errors are listed by row number. */
export function ImportFile() {
  const { t } = useTranslation(['add', 'common']);
  const format = useFormat();
  const client = useQueryClient();
  const inputId = useId();
  const [isOver, setOver] = useState(false);
  const [file, setFile] = useState<File>();
  const { mutate, data, variables, error, isPending, reset } = useMutation({
    mutationFn: ({ file: chosen, isPreview }: Run) => {
      const content = new FormData();
      content.set('file', chosen);
      return api.call(importTargets, { query: { dry_run: isPreview ? 'true' : 'false' } }, { content });
    },
    onSuccess: (_, { isPreview }) => (isPreview ? undefined : void client.invalidateQueries()),
  });
  const isPreview = variables?.isPreview === true;
  /** Nothing is created before the button is pressed. */
  const choose = (chosen: File | undefined): void => {
    if (chosen === undefined) return;
    setFile(chosen);
    mutate({ file: chosen, isPreview: true });
  };
  return (
    <div className="grid gap-4">
      <label
        htmlFor={inputId}
        className={classNames(
          'grid cursor-pointer justify-items-center gap-2 rounded-xl border-2 border-dashed px-4 py-10 text-center focus-within:border-accent hover:border-accent',
          isOver ? 'border-accent bg-accent-soft' : 'border-line-strong',
        )}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          choose(event.dataTransfer.files[0]);
        }}
      >
        <FileUp aria-hidden className="size-7 text-ink-3" />
        <span className="font-medium">{t(isPending ? (isPreview ? 'checking' : 'importing') : 'chooseFile')}</span>
        <span className="text-ink-2">{t('fileHint')}</span>
        <input
          id={inputId}
          type="file"
          accept=".csv,text/csv"
          className="sr-only"
          disabled={isPending}
          onChange={(event) => {
            choose(event.target.files?.[0]);
            // The same file may be chosen again after it has been corrected.
            event.target.value = '';
          }}
        />
      </label>
      <div className="flex flex-wrap gap-2">
        <Button asChild>
          <a href={basePath + showImportTemplate.path} download>
            <Download aria-hidden />
            {t('template')}
          </a>
        </Button>
        <Button asChild>
          <a href={`${basePath}${exportTargets.path}?tags=true`} download>
            <Download aria-hidden />
            {t('export')}
          </a>
        </Button>
      </div>
      {error !== null && (
        <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
          {wordsOf(error)}
        </p>
      )}
      {data !== undefined && (
        <Card className="overflow-hidden" aria-label={t(isPreview ? 'importPreview' : 'importDone')}>
          <p role="status" className="px-3 py-2 font-medium">
            {[
              t('rows', { count: data.row_count }),
              isPreview ? t('newRows', { count: data.created }) : t('created', { count: data.created }),
              t('skipped', { count: data.skipped_existing }),
              t('faulty', { count: new Set(data.errors.map(({ row }) => row)).size }),
            ].join(' · ')}
          </p>
          {isPreview && file !== undefined && (
            <div className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-2">
              <span className="font-mono text-small break-all">{file.name}</span>
              <Button
                look="primary"
                className="ml-auto"
                disabled={data.created === 0 || isPending}
                onClick={() => mutate({ file, isPreview: false })}
              >
                {data.created === 0 ? t('start') : t('startCount', { count: data.created })}
              </Button>
              <Button onClick={reset}>{t('common:cancel')}</Button>
            </div>
          )}
          {data.errors.length > 0 && (
            <div
              className="max-h-96 overflow-y-auto border-t border-line"
              tabIndex={0}
              role="group"
              aria-label={t('faults')}
            >
              <table className="w-full">
                <thead className="text-left text-small text-ink-3">
                  <tr>
                    <th scope="col" className="px-3 py-1.5 font-medium">
                      {t('row')}
                    </th>
                    <th scope="col" className="px-3 py-1.5 font-medium">
                      {t('whatIsWrong')}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {data.errors.map(({ row, message }) => (
                    <tr key={`${row} ${message}`} className="border-t border-line align-baseline">
                      <td className="px-3 py-1.5 font-mono text-small">{format.count(row)}</td>
                      <td className="px-3 py-1.5">
                        <RowFault message={message} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Card>
      )}
    </div>
  );
}

const known = ['ip', 'frequency', 'url', 'notes', 'is_active', 'tags', 'host', 'port'] as const;

/** What the column expects, in the reader's language, and what the server said of it. */
function RowFault({ message }: { readonly message: string }) {
  const { t } = useTranslation('add');
  const column = known.find((name) => message.startsWith(name));
  return (
    <>
      <span>{t(`column.${column ?? 'row'}`)}</span>
      <span className="block font-mono text-small text-ink-2" translate="no" data-server-text>
        {message}
      </span>
    </>
  );
}
