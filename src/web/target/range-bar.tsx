import { Popover } from 'radix-ui';
import { CalendarRange, ChevronLeft, ChevronRight, Radio, ZoomIn, ZoomOut } from 'lucide-react';
import { type FormEvent, type JSX, useState } from 'react';
import { formatDateTime } from '../charts/format.ts';
import { longestRange, shortestRange, type TimeAxis } from '../charts/time-axis.ts';
import { momentOf, zoneOffset } from '../charts/time-ticks.ts';
import { Button, Segments } from './controls.tsx';
import { presetNames, presetOf, presets, type Selection } from './range.ts';
import { useSurroundings } from './surroundings.ts';
import { useWords } from './use-words.ts';

export interface RangeBarProps {
  readonly axis: TimeAxis;
  readonly selection: Selection;
}

/** Presets, an exact picker, and buttons for what mouse and keys do on the charts. */
export function RangeBar({ axis, selection }: RangeBarProps): JSX.Element {
  const { t } = useWords();
  const length = (): number => axis.view.to - axis.view.from;
  return (
    <div className="flex flex-wrap items-center gap-2 print:hidden">
      <Segments
        label={t('range.presets')}
        value={presetOf(selection)}
        options={presetNames.map((name) => ({
          value: name,
          text: t(`range.${name}.short`),
          title: t(`range.${name}.long`),
        }))}
        onChange={(name) => axis.set({ from: axis.bounds.to - presets[name], to: axis.bounds.to }, true)}
      />
      <ExactRange axis={axis} selection={selection} />
      <div className="flex items-center gap-1">
        <Button
          look="ghost"
          aria-label={t('range.back')}
          title={t('range.back')}
          onClick={() => axis.pan(-length() / 2)}
        >
          <ChevronLeft size={16} aria-hidden />
        </Button>
        <Button
          look="ghost"
          aria-label={t('range.forward')}
          title={t('range.forward')}
          onClick={() => axis.pan(length() / 2)}
        >
          <ChevronRight size={16} aria-hidden />
        </Button>
        <Button look="ghost" aria-label={t('range.in')} title={t('range.in')} onClick={() => axis.zoom(0.5)}>
          <ZoomIn size={16} aria-hidden />
        </Button>
        <Button look="ghost" aria-label={t('range.out')} title={t('range.out')} onClick={() => axis.zoom(2)}>
          <ZoomOut size={16} aria-hidden />
        </Button>
      </div>
      <Button
        aria-pressed={selection.isLive}
        className={selection.isLive ? 'text-(--chart-good)' : ''}
        onClick={() => axis.set({ from: axis.bounds.to - length(), to: axis.bounds.to }, true)}
      >
        <Radio size={15} aria-hidden />
        {selection.isLive ? t('range.live') : t('range.goLive')}
      </Button>
    </div>
  );
}

function ExactRange({ axis, selection }: RangeBarProps): JSX.Element {
  const { t } = useWords();
  const { locale, timeZone } = useSurroundings();
  const [isOpen, setIsOpen] = useState(false);
  const [fault, setFault] = useState<string>();
  const { from, to } = selection.view;
  const text = `${formatDateTime(from, { locale, timeZone })} – ${selection.isLive ? t('range.now') : formatDateTime(to, { locale, timeZone })}`;

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const [start, end] = ['from', 'to'].map((name) => localMoment(data.get(name), timeZone));
    if (start === undefined || end === undefined) return setFault(t('range.faultMissing'));
    if (end <= start) return setFault(t('range.faultOrder'));
    if (end - start < shortestRange) return setFault(t('range.faultShort'));
    if (end - start > longestRange) return setFault(t('range.faultLong'));
    axis.set({ from: start, to: end });
    setFault(undefined);
    setIsOpen(false);
  }

  return (
    <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
      <Popover.Trigger asChild>
        <Button className="max-w-full" data-testid="exact-range">
          <CalendarRange size={15} aria-hidden />
          <span className="truncate tabular-nums">{text}</span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 w-80 max-w-[calc(100vw-16px)] rounded-lg border border-border bg-popover p-3 text-popover-foreground shadow-lg"
        >
          <form onSubmit={submit} className="grid gap-2 text-sm">
            {(['from', 'to'] as const).map((name) => (
              <label key={name} className="grid gap-1">
                <span className="text-xs text-muted-foreground">{t(`range.${name}`)}</span>
                <input
                  type="datetime-local"
                  name={name}
                  step={1}
                  required
                  defaultValue={localText(selection.view[name], timeZone)}
                  className="min-h-8 rounded-md border border-input bg-background px-2 tabular-nums"
                />
              </label>
            ))}
            <p className="text-xs text-muted-foreground">{t('range.zone', { zone: timeZone })}</p>
            {fault === undefined ? null : (
              <p role="alert" className="text-xs text-destructive">
                {fault}
              </p>
            )}
            <Button type="submit" look="primary">
              {t('range.apply')}
            </Button>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What the clock of a zone shows, as a date-time field takes it. */
function localText(at: number, timeZone: string): string {
  return new Date(Math.round((at + zoneOffset(at, timeZone)) / 1000) * 1000).toISOString().slice(0, 19);
}

function localMoment(value: FormDataEntryValue | null, timeZone: string): number | undefined {
  const local = typeof value === 'string' ? Date.parse(`${value}Z`) : Number.NaN;
  return Number.isFinite(local) ? momentOf(local, timeZone) : undefined;
}
