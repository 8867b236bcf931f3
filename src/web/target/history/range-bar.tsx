import { CalendarRange, ChevronLeft, ChevronRight, Radio, ZoomIn, ZoomOut } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Segments } from '../../charts/controls.tsx';
import { longestRange, shortestRange, type TimeAxis } from '../../charts/axis/time-axis.ts';
import { momentOf, zoneOffset } from '../../charts/axis/time-ticks.ts';
import { useFormat } from '../../i18n/format.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { Popover, PopoverContent, PopoverTrigger } from '../../ui/popover.tsx';
import { presetNames, presetOf, presets, type Selection } from './range.ts';

interface RangeBarProps {
  readonly axis: TimeAxis;
  readonly selection: Selection;
}

/** Presets, an exact picker, and buttons for what mouse and keys do on the charts. */
export function RangeBar({ axis, selection }: RangeBarProps) {
  const { t } = useTranslation('target');
  const length = (): number => axis.view.to - axis.view.from;
  const moves = [
    { name: t('range.back'), icon: <ChevronLeft aria-hidden />, move: () => axis.pan(-length() / 2) },
    { name: t('range.forward'), icon: <ChevronRight aria-hidden />, move: () => axis.pan(length() / 2) },
    { name: t('range.in'), icon: <ZoomIn aria-hidden />, move: () => axis.zoom(0.5) },
    { name: t('range.out'), icon: <ZoomOut aria-hidden />, move: () => axis.zoom(2) },
  ];
  return (
    <div className="flex flex-wrap items-center gap-2">
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
      <div className="print-hidden flex items-center">
        {moves.map(({ name, icon, move }) => (
          <Button key={name} look="quiet" size="icon" aria-label={name} title={name} onClick={move}>
            {icon}
          </Button>
        ))}
      </div>
      <Button
        className={selection.isLive ? 'print-hidden !text-good' : 'print-hidden'}
        aria-pressed={selection.isLive}
        onClick={() => axis.set({ from: axis.bounds.to - length(), to: axis.bounds.to }, true)}
      >
        <Radio aria-hidden />
        {selection.isLive ? t('range.live') : t('range.goLive')}
      </Button>
    </div>
  );
}

function ExactRange({ axis, selection }: RangeBarProps) {
  const { t } = useTranslation('target');
  const { dateTime, timeZone } = useFormat();
  const [isOpen, setIsOpen] = useState(false);
  const [fault, setFault] = useState<string>();
  const { from, to } = selection.view;

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    // Unchanged values keep their milliseconds; an hour that the clock shows twice counts from its first beginning to its last
    // end.
    const momentIn = (name: 'from' | 'to'): number | undefined => {
      const text = data.get(name);
      if (text === localText(selection.view[name], timeZone)) return selection.view[name];
      return localMoment(text, timeZone, name === 'from' ? 'earlier' : 'later');
    };
    const [start, end] = [momentIn('from'), momentIn('to')];
    if (start === undefined || end === undefined) return setFault(t('range.faultMissing'));
    if (end <= start) return setFault(t('range.faultOrder'));
    if (end - start < shortestRange) return setFault(t('range.faultShort'));
    if (end - start > longestRange) return setFault(t('range.faultLong'));
    axis.set({ from: start, to: end });
    setFault(undefined);
    setIsOpen(false);
  }

  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button className="max-w-full min-w-0 shrink" data-testid="exact-range">
          <CalendarRange aria-hidden />
          <span className="truncate font-normal">
            {dateTime(from)} – {selection.isLive ? t('range.now') : dateTime(to)}
          </span>
        </Button>
      </PopoverTrigger>
      <PopoverContent align="start" aria-label={t('range.title')}>
        <form onSubmit={submit} className="grid gap-3">
          {(['from', 'to'] as const).map((name) => (
            <Field key={name} label={t(`range.${name}`)} fault={name === 'to' ? fault : undefined}>
              {(parts) => (
                <Input
                  {...parts}
                  type="datetime-local"
                  name={name}
                  step={1}
                  required
                  defaultValue={localText(selection.view[name], timeZone)}
                />
              )}
            </Field>
          ))}
          <p className="text-small text-ink-3">{t('range.zone', { zone: timeZone })}</p>
          <Button type="submit" look="primary">
            {t('range.apply')}
          </Button>
        </form>
      </PopoverContent>
    </Popover>
  );
}

/** What the clock of a zone shows, in the format of a date-time field. */
function localText(at: number, timeZone: string): string {
  return new Date(Math.round((at + zoneOffset(at, timeZone)) / 1000) * 1000).toISOString().slice(0, 19);
}

function localMoment(
  value: FormDataEntryValue | null,
  timeZone: string,
  which: 'earlier' | 'later',
): number | undefined {
  const local = typeof value === 'string' ? Date.parse(`${value}Z`) : Number.NaN;
  return Number.isFinite(local) ? momentOf(local, timeZone, which) : undefined;
}
