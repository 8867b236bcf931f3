import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Download, ExternalLink, GitCompareArrows, Pause, Pencil, Play, Printer, Route, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeTargets } from '../../contract/bulk.ts';
import { logFormats } from '../../contract/history.ts';
import { deleteTarget, pauseTarget, resumeTarget, type TargetShape } from '../../contract/targets.ts';
import { nameOf } from '../../contract/target-place.ts';
import { api } from '../api.ts';
import { basePath } from '../base-path.ts';
import { useFormat } from '../i18n/format.ts';
import { useMay } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '../ui/menu.tsx';
import { say, sayFailure } from '../ui/toast.ts';
import { EditDialog } from './edit-dialog.tsx';
import { LiveState } from './live-state.tsx';
import type { Selection } from './range.ts';

/** Which target this is, and everything that can be done with it. */
export function TargetHead({ target, selection }: { readonly target: TargetShape; readonly selection: Selection }) {
  const { t } = useTranslation('target');
  const { t: common } = useTranslation();
  const { interval, dateTime } = useFormat();
  const queries = useQueryClient();
  const mayChange = useMay('operator');
  const navigate = useNavigate();
  const [isEditing, setEditing] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const params = { id: target.id };
  const { is_active: isActive, is_synthetic: isSynthetic } = target;
  const name = nameOf(target);

  const { packet_size: bytes, dscp, ttl, dont_fragment: isWhole } = target;
  const looks = [
    ...(bytes === null ? [] : [t('packet.bytes', { count: bytes })]),
    ...(dscp === null ? [] : [`DSCP ${dscp}`]),
    ...(ttl === null ? [] : [`TTL ${ttl}`]),
    ...(isWhole ? [t('packet.whole')] : []),
  ];

  const reload = (): Promise<void> =>
    queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === target.id || queryKey[0] === 'fleet' });

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      sayFailure(error);
    }
  }
  const toggle = (): Promise<void> =>
    attempt(async () => {
      await api.call(isActive ? pauseTarget : resumeTarget, { params });
      await reload();
      say(t(isActive ? 'paused' : 'resumed', { name }));
    });
  const remove = (): Promise<void> =>
    attempt(async () => {
      await api.call(deleteTarget, { params });
      await navigate({ to: '/' });
      say(t('deleted', { name }), { label: common('undo'), onUndo: () => void attempt(bringBack) });
    });
  async function bringBack(): Promise<void> {
    await api.call(changeTargets, { body: { action: 'restore', ids: [target.id] } });
    await reload();
    await navigate({ to: '/app/targets/$id', params: { id: String(target.id) } });
  }
  const exportHref = (format: string): string => {
    const window = { from: new Date(selection.view.from).toISOString(), to: new Date(selection.view.to).toISOString() };
    return `${basePath}/targets/${target.id}/logs/export?${new URLSearchParams({ ...window, format }).toString()}`;
  };

  return (
    <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="text-xl font-semibold tracking-tight break-all" data-server-text>
            {name}
          </h1>
          <LiveState target={target} />
        </div>
        <p className="text-ink-2">
          {target.notes !== null && <span data-server-text>{`${target.notes.split('\n')[0]} · `}</span>}
          {target.host !== null && <span className="font-mono text-small">{`${target.ip} · `}</span>}
          {target.port !== null && `${t('probe.tcpPort', { port: target.port })} · `}
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
        <Button asChild>
          <Link to="/app/compare" search={{ ids: String(target.id), weeks: '1' } as never}>
            <GitCompareArrows aria-hidden /> <Word>{t('actions.compare')}</Word>
          </Link>
        </Button>
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
        {mayChange && (
          <>
            {!isSynthetic && (
              <Button onClick={() => void toggle()}>
                {isActive ? <Pause aria-hidden /> : <Play aria-hidden />}
                <Word>{isActive ? t('actions.pause') : t('actions.resume')}</Word>
              </Button>
            )}
            <Button onClick={() => setEditing(true)}>
              <Pencil aria-hidden /> <Word>{t('actions.edit')}</Word>
            </Button>
            <Button look="danger" onClick={() => setDeleting(true)}>
              <Trash2 aria-hidden /> <Word>{t('actions.delete')}</Word>
            </Button>
          </>
        )}
      </div>
      <EditDialog target={target} open={isEditing} onOpenChange={setEditing} />
      <Confirmation
        open={isDeleting}
        onOpenChange={setDeleting}
        title={t('deleteTitle', { name })}
        description={t('deleteText')}
        action={t('actions.delete')}
        onConfirm={() => void remove()}
      />
    </header>
  );
}

/** On a phone the glyph stands for it; readers hear it all the same. */
function Word({ children }: { readonly children: string }) {
  return <span className="max-sm:sr-only">{children}</span>;
}
