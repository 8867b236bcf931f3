import type { Palette } from './palette.ts';
import type { AbsenceKind } from '../data/timeline.ts';

const cache = new Map<string, CanvasPattern>();

export type PatternKind = AbsenceKind | 'full-loss';

/**
 * Each reason has a pattern of its own, so that colour is never the only sign: a pause is horizontal, a gap dotted, an absence
 * slanted, a total loss crossed.
 */
export function patternOf(
  context: CanvasRenderingContext2D,
  kind: PatternKind,
  { palette, ratio }: { readonly palette: Palette; readonly ratio: number },
): CanvasPattern | string {
  const color = colorOf(kind, palette);
  const key = `${kind} ${color} ${palette.surface} ${ratio}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const size = 8;
  const tile = document.createElement('canvas');
  tile.width = tile.height = size * ratio;
  const brush = tile.getContext('2d');
  if (brush === null) return color;
  brush.scale(ratio, ratio);
  brush.strokeStyle = brush.fillStyle = color;
  brush.lineWidth = 1.5;
  draw(brush, kind, { size, surface: palette.surface });
  const made = context.createPattern(tile, 'repeat');
  if (made === null) return color;
  cache.set(key, made);
  return made;
}

export function colorOf(kind: PatternKind, palette: Palette): string {
  switch (kind) {
    case 'pause':
      return palette.pause;
    case 'gap':
      return palette.gap;
    case 'absent':
      return palette.absent;
    case 'full-loss':
      return palette.lossFull;
    default:
      return kind satisfies never;
  }
}

function draw(
  brush: CanvasRenderingContext2D,
  kind: PatternKind,
  { size, surface }: { readonly size: number; readonly surface: string },
): void {
  const line = (fromX: number, fromY: number, toX: number, toY: number): void => {
    brush.beginPath();
    brush.moveTo(fromX, fromY);
    brush.lineTo(toX, toY);
    brush.stroke();
  };
  switch (kind) {
    case 'pause':
      line(0, size / 4, size, size / 4);
      line(0, (3 * size) / 4, size, (3 * size) / 4);
      break;
    case 'gap':
      brush.fillRect(1, 1, 2, 2);
      brush.fillRect(1 + size / 2, 1 + size / 2, 2, 2);
      break;
    case 'absent':
      for (const shift of [-size, 0, size]) line(shift, size, shift + size, 0);
      break;
    case 'full-loss':
      brush.fillRect(0, 0, size, size);
      brush.strokeStyle = surface;
      brush.lineWidth = 1;
      for (const shift of [-size, 0, size]) {
        line(shift, size, shift + size, 0);
        line(shift, 0, shift + size, size);
      }
      break;
    default:
      kind satisfies never;
  }
}
