import { useTranslation } from 'react-i18next';

const hatch = (lines: string) => `repeating-linear-gradient(${lines})`;
const line = (color: string, angle: string): string =>
  hatch(`${angle}, var(--chart-${color}) 0 1.5px, transparent 1.5px 4px`);

/** What the lines, bands, colours and patterns of the chart mean. */
export function Legend() {
  const { t } = useTranslation('target');
  const marks = [
    { name: t('legend.median'), style: { background: 'var(--chart-line)', height: 2 } },
    { name: t('legend.inner'), style: { background: 'var(--chart-band-inner)', height: 12 } },
    {
      name: t('legend.extremes'),
      style: { background: 'var(--chart-band-outer)', height: 12, borderBlock: '1px solid var(--chart-extreme)' },
    },
    { name: t('legend.noLoss'), style: { background: 'var(--chart-good)', height: 3 } },
    {
      name: t('legend.loss'),
      style: {
        background: 'linear-gradient(90deg, var(--chart-loss-low), var(--chart-loss-mid), var(--chart-loss-high))',
        height: 9,
      },
    },
    {
      name: t('legend.tick'),
      style: {
        background: 'linear-gradient(90deg, transparent 9px, var(--chart-loss-high) 9px 11px, transparent 11px)',
        height: 9,
      },
    },
    {
      name: t('legend.fullLoss'),
      style: {
        background: `${hatch('45deg, var(--chart-surface) 0 1px, transparent 1px 5px')}, ${hatch('-45deg, var(--chart-surface) 0 1px, transparent 1px 5px')}, var(--chart-loss-full)`,
        height: 12,
      },
    },
    { name: t('absence.pause'), style: { background: line('pause', '0deg'), height: 12 } },
    {
      name: t('absence.gap'),
      style: {
        background: 'radial-gradient(circle, var(--chart-gap) 1.2px, transparent 1.4px) 0 0 / 5px 5px',
        height: 12,
      },
    },
    { name: t('absence.absent'), style: { background: line('absent', '-45deg'), height: 12 } },
  ];
  return (
    <ul aria-label={t('legend.label')} className="flex flex-wrap gap-x-4 gap-y-1 text-tiny text-ink-2">
      {marks.map(({ name, style }) => (
        <li key={name} className="flex items-center gap-1.5">
          <span aria-hidden className="keeps-colors inline-block w-5 shrink-0" style={style} />
          {name}
        </li>
      ))}
    </ul>
  );
}
