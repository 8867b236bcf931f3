import { useTranslation } from 'react-i18next';
import { useMay } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Key } from '../ui/badge.tsx';

/** Every key of every screen; `chart` and `path` keys are those of the target's screens. */
const groups = [
  {
    name: 'keys.everywhere',
    keys: [
      [['?'], 'keys.help'],
      [['g', 'f'], 'keys.fleet'],
      [['g', 'c'], 'keys.compare'],
      [['g', 'a'], 'keys.add'],
      [['g', 's'], 'keys.settings'],
      [['Esc'], 'keys.close'],
    ],
  },
  {
    name: 'keys.inFleet',
    keys: [
      [['/'], 'keys.search'],
      [['↑', '↓'], 'keys.move'],
      [['j', 'k'], 'keys.move'],
      [['Enter'], 'keys.open'],
      [['x'], 'keys.select'],
      [['Shift', '↑', '↓'], 'keys.selectMore'],
      [['a'], 'keys.selectAll'],
    ],
  },
  {
    name: 'keys.inCharts',
    keys: [
      [['←', '→'], 'keys.pan'],
      [['↑', '↓'], 'keys.zoom'],
      [['+', '−'], 'keys.zoom'],
      [[',', '.'], 'keys.point'],
      [['Home', 'End'], 'keys.ends'],
    ],
  },
] as const;

export function KeyHelp({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useTranslation();
  const mayAdd = useMay('operator');
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('keys.title')} isWide>
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {groups.map((group) => (
          <section key={group.name}>
            <h3 className="mb-1.5 text-small font-medium text-ink-3">{t(group.name)}</h3>
            <dl className="grid gap-1">
              {group.keys
                .filter(([, label]) => mayAdd || label !== 'keys.add')
                .map(([keys, label]) => (
                  <div key={keys.join(' ')} className="flex items-baseline justify-between gap-4">
                    <dt>{t(label)}</dt>
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
