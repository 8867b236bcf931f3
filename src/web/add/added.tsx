import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { nameOf } from '../../contract/targets/target-place.ts';
import { StateGlyph } from '../fleet/rows/state-mark.tsx';
import { Sparkline } from '../fleet/rows/sparkline.tsx';
import { type FleetStore } from '../fleet/data/fleet-store.ts';
import { useEntry, useFleet, useStateVersion } from '../fleet/data/use-fleet.ts';
import { useFormat } from '../i18n/format.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';

const shownMax = 12;

/** What was just added, with its first results as they come. */
export function Added({ ids }: { readonly ids: readonly number[] }) {
  const { t } = useTranslation('add');
  const { store } = useFleet();
  useStateVersion(store);
  const shown = ids.filter((id) => store.entry(id) !== undefined).slice(0, shownMax);
  return (
    <Card className="overflow-hidden" aria-label={t('firstResults')}>
      <h2 className="flex items-center justify-between gap-2 border-b border-line px-3 py-2 font-semibold">
        {t('firstResults')}
        <Button asChild size="small">
          <Link to="/">{t('toFleet')}</Link>
        </Button>
      </h2>
      <ul className="py-1">
        {shown.map((id) => (
          <AddedRow key={id} id={id} store={store} />
        ))}
        {ids.length > shownMax && (
          <li className="px-3 py-1 text-ink-2">{t('more', { count: ids.length - shownMax })}</li>
        )}
      </ul>
    </Card>
  );
}

function AddedRow({ id, store }: { readonly id: number; readonly store: FleetStore }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entry = useEntry(store, id);
  if (entry === undefined) return null;
  const { target, state, lastAt, lastMillis, spark } = entry;
  return (
    <li className="flex items-center gap-2 px-3 py-1" data-added={target.ip}>
      <StateGlyph state={state} />
      <Link
        to="/app/targets/$id"
        params={{ id: String(id) }}
        className="min-w-0 truncate font-mono hover:underline"
        data-server-text
      >
        {nameOf(target)}
      </Link>
      <Sparkline spark={spark} version={store.versionOf(id)} className="ml-auto h-6 w-28" />
      <span className="w-20 text-right font-mono text-small" data-last>
        {lastAt === undefined ? t('state.pending') : lastMillis === undefined ? t('lost') : format.latency(lastMillis)}
      </span>
    </li>
  );
}
