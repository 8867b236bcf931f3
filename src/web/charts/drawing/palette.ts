import { isPrinting } from '../../ui/printing.ts';

const names = [
  ...['line', 'extreme', 'band-inner', 'band-outer', 'grid', 'axis', 'text', 'surface', 'cursor', 'selection', 'veil'],
  ...['good', 'loss-low', 'loss-mid', 'loss-high', 'loss-full', 'pause', 'absent', 'gap', 'heat-low', 'heat-high'],
] as const;

export interface Palette {
  readonly line: string;
  /** For the thin lines at minimum and maximum. */
  readonly extreme: string;
  readonly bandInner: string;
  readonly bandOuter: string;
  readonly grid: string;
  readonly axis: string;
  readonly text: string;
  readonly surface: string;
  readonly cursor: string;
  readonly selection: string;
  readonly veil: string;
  readonly good: string;
  readonly lossLow: string;
  readonly lossMid: string;
  readonly lossHigh: string;
  readonly lossFull: string;
  readonly pause: string;
  readonly absent: string;
  readonly gap: string;
  readonly heatLow: string;
  readonly heatHigh: string;
  readonly series: readonly string[];
}

let known: Palette | undefined;
const listeners = new Set<() => void>();

/** The theme's colours now. Read from the styles once per theme: hundreds of small charts draw each second. */
export function palette(): Palette {
  known ??= read();
  return known;
}

/** Called when canvases must be redrawn in other colours; returns a function that unsubscribes. */
export function onPaletteChange(listener: () => void): () => void {
  watchTheme();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): Palette {
  // Paper is white whatever the theme.
  const paper = isPrinting() ? document.body.appendChild(document.createElement('i')) : undefined;
  if (paper !== undefined) paper.className = 'chart-light';
  const style = getComputedStyle(paper ?? document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--chart-${name}`).trim() || 'gray';
  const named = names.map((name) => [name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), color(name)]);
  const series = Array.from({ length: 8 }, (_, index) => color(`series-${index + 1}`));
  paper?.remove();
  return { ...(Object.fromEntries(named) as Omit<Palette, 'series'>), series };
}

/** `loss`: above 0 up to 1. */
export function lossColor(
  loss: number,
  colors: Pick<Palette, 'lossLow' | 'lossMid' | 'lossHigh' | 'lossFull'>,
): string {
  if (loss >= 1) return colors.lossFull;
  if (loss >= 0.2) return colors.lossHigh;
  return loss >= 0.02 ? colors.lossMid : colors.lossLow;
}

let isWatching = false;

function watchTheme(): void {
  if (isWatching) return;
  isWatching = true;
  const changed = (): void => {
    known = undefined;
    for (const listener of listeners) listener();
  };
  const attributeFilter = ['class', 'data-theme', 'style'];
  new MutationObserver(changed).observe(document.documentElement, { attributes: true, attributeFilter });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  for (const event of ['beforeprint', 'afterprint']) addEventListener(event, changed);
}
