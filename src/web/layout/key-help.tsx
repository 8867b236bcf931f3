import { useTranslation } from 'react-i18next';
import { areasOf } from '../i18n/areas.ts';
import { type KeyRow, screens, shortcuts } from '../screens.ts';
import { useRights } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Key } from '../ui/badge.tsx';

const keysOfScreens = screens.flatMap((screen) => ('keys' in screen ? [screen.keys] : []));
const areas = areasOf([
  ...shortcuts().map(({ row: [, label] }) => label),
  ...keysOfScreens.flatMap(({ title, rows }) => [title, ...rows.map(([, label]) => label)]),
]);

export function KeyHelp({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useTranslation();
  const { t: keyText } = useTranslation(areas);
  const may = useRights();
  const everywhere: readonly KeyRow[] = [
    [['?'], 'common:keys.help'],
    ...shortcuts().flatMap(({ role, row }) => (may(role) ? [row] : [])),
    [['Esc'], 'common:keys.close'],
  ];
  const groups = [{ title: 'common:keys.everywhere', rows: everywhere } as const, ...keysOfScreens];
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('keys.title')} isWide>
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {groups.map((group) => (
          <section key={group.title}>
            <h3 className="mb-1.5 text-small font-medium text-ink-3">{keyText(group.title)}</h3>
            <dl className="grid gap-1">
              {group.rows.map(([keys, label]) => (
                <div key={keys.join(' ')} className="flex items-baseline justify-between gap-4">
                  <dt>{keyText(label)}</dt>
                  <dd className="flex gap-1">
                    {keys.map((key) => (
                      <Key key={key}>{key}</Key>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
