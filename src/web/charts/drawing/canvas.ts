import { type RefObject, useEffect, useRef } from 'react';
import { onPaletteChange, type Palette, palette } from './palette.ts';

export interface Surface {
  readonly context: CanvasRenderingContext2D;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels of one CSS pixel. */
  readonly ratio: number;
  readonly palette: Palette;
}

type Draw = (surface: Surface) => void;

const redraws = new WeakMap<Element, () => void>();
let sizes: ResizeObserver | undefined;

/** One observer for all canvases of the page. */
function observeSize(element: Element, redraw: () => void): () => void {
  sizes ??= new ResizeObserver((entries) => {
    for (const { target } of entries) redraws.get(target)?.();
  });
  redraws.set(element, redraw);
  sizes.observe(element);
  return () => {
    redraws.delete(element);
    sizes?.unobserve(element);
  };
}

/** Draws now: sharp on any screen, in the theme's colours. */
export function paint(canvas: HTMLCanvasElement, draw: Draw): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext('2d');
  if (context === null || width === 0 || height === 0) return;
  const ratio = window.devicePixelRatio || 1;
  const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
    canvas.width = deviceWidth;
    canvas.height = deviceHeight;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  draw({ context, width, height, ratio, palette: palette() });
}

/** A canvas that is redrawn when its content, its size or the theme changes; at most once per frame. */
export function useCanvas(draw: Draw): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  const schedule = useRef(() => {});

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    let frame = 0;
    const now = (): void => {
      frame = 0;
      paint(element, latest.current);
    };
    schedule.current = () => {
      if (frame === 0) frame = requestAnimationFrame(now);
    };
    const ends = [observeSize(element, schedule.current), onPaletteChange(now)];
    return () => {
      for (const end of ends) end();
      cancelAnimationFrame(frame);
    };
  }, []);

  useEffect(() => {
    latest.current = draw;
    schedule.current();
  }, [draw]);
  return canvas;
}
