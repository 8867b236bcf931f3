import { Link } from '@tanstack/react-router';
import { Download, ExternalLink, GitCompareArrows, Printer, Route } from 'lucide-react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { logFormats } from '../../../contract/history/history.ts';
import type { TargetShape } from '../../../contract/targets/targets.ts';
import { nameOf } from '../../../contract/targets/target-place.ts';
import { basePath } from '../../base-path.ts';
import { useFormat } from '../../i18n/format.ts';
import { useMay } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '../../ui/menu.tsx';
import { LiveState } from './live-state.tsx';
import type { Selection } from '../history/range.ts';
import { TargetButtons, Word } from './target-buttons.tsx';

/** Which target this is, and everything that can be done with it. */
export function TargetHead({ target, selection }: { readonly target: TargetShape; readonly selection: Selection }) {
  const { t } = useTranslation(['target', 'common']);
  const { interval, dateTime } = useFormat();
  const isDeleted = target.deleted_at !== undefined;
  const mayChange = useMay('operator') && !isDeleted;
  const name = nameOf(target);

  const { packet_size: bytes, dscp, ttl, dont_fragment: isWhole } = target;
  const looks = [
    ...(bytes === null ? [] : [t('packet.bytes', { count: bytes })]),
    ...(dscp === null ? [] : [`DSCP ${dscp}`]),
    ...(ttl === null ? [] : [`TTL ${ttl}`]),
    ...(isWhole ? [t('packet.whole')] : []),
  ];

  const exportHref = (format: string): string => {
    const window = { from: new Date(selection.view.from).toISOString(), to: new Date(selection.view.to).toISOString() };
    const query = new URLSearchParams({ ...window, format, intervals: 'true' });
    return `${basePath}/targets/${target.id}/logs/export?${query.toString()}`;
  };

  return (
    <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="text-xl font-semibold tracking-tight break-all" data-server-text>
            {name}
          </h1>
          {isDeleted ? <Badge>{t('deletion.state')}</Badge> : <LiveState target={target} />}
        </div>
        <p className="text-ink-2">
          {target.notes !== null && <span data-server-text>{`${target.notes.split('\n')[0]} · `}</span>}
          {target.name !== null && target.host !== null && (
            <span className="font-mono text-small" data-server-text>{`${target.host} · `}</span>
          )}
          {(target.name !== null || target.host !== null) && (
            <span className="font-mono text-small">{`${target.ip} · `}</span>
          )}
          {target.probe !== 'icmp' && `${probeText(t, target)} · `}
          {t('every', { length: interval(target.frequency * 1000) })},{' '}
          {t('since', { time: dateTime(target.created_at) })}
          {looks.map((look) => ` · ${look}`)}
          {target.url !== null && (
            <>
              {' · '}
              <a
                href={target.url}
                target="_blank"
                rel="noreferrer noopener"
                className="inline-flex items-center gap-1 text-accent underline-offset-4 hover:underline"
              >
                {t('interfaceLink')} <ExternalLink aria-hidden className="size-3.5" />
              </a>
            </>
          )}
        </p>
        {target.tags.length > 0 && (
          <ul aria-label={t('edit.tags')} className="mt-1 flex flex-wrap gap-1.5">
            {target.tags.map((tag) => (
              <li key={tag}>
                <Badge>
                  <Link to="/" search={{ tag: [tag] }} className="hover:text-ink hover:underline" data-server-text>
                    {tag}
                  </Link>
                </Badge>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div role="group" aria-label={t('actions.label')} className="print-hidden flex flex-wrap gap-1.5">
        <Button asChild>
          <Link to="/app/targets/$id/path" params={{ id: String(target.id) }}>
            <Route aria-hidden /> <Word>{t('actions.path')}</Word>
          </Link>
        </Button>
        {!isDeleted && (
          <Button asChild>
            <Link to="/app/compare" search={{ ids: String(target.id), weeks: '1' } as never}>
              <GitCompareArrows aria-hidden /> <Word>{t('actions.compare')}</Word>
            </Link>
          </Button>
        )}
        <Menu>
          <MenuTrigger asChild>
            <Button>
              <Download aria-hidden /> <Word>{t('actions.export')}</Word>
            </Button>
          </MenuTrigger>
          <MenuContent>
            {logFormats.map((format) => (
              <MenuItem key={format} asChild>
                <a href={exportHref(format)} download>
                  {t(`actions.exportFormat.${format}`)}
                </a>
              </MenuItem>
            ))}
          </MenuContent>
        </Menu>
        <Button size="icon" aria-label={t('actions.print')} title={t('actions.print')} onClick={() => print()}>
          <Printer aria-hidden />
        </Button>
        {mayChange && <TargetButtons target={target} />}
      </div>
    </header>
  );
}

/** With its port, if the kind has one. */
function probeText(t: TFunction<['target', 'common']>, { probe, port }: TargetShape): string {
  return port === null ? t(`common:probe.${probe}`) : t('probeWithPort', { kind: t(`common:probe.${probe}`), port });
}
