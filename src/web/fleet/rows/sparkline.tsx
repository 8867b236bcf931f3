import { useCallback, useEffect, useRef } from 'react';
import '../../charts/charts.css';
import { onPaletteChange, palette } from '../../charts/drawing/palette.ts';
import { isPrinting } from '../../ui/printing.ts';
import { type Spark, drawSpark } from '../data/spark.ts';

/** The last hour; `version` increases when it changes. Hidden from screen readers: the row says the same in figures. */
export function Sparkline({
  spark,
  version,
  className,
}: {
  readonly spark: Spark;
  readonly version: number;
  readonly className?: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  // Measuring the canvas itself with each result would make the browser lay out the whole table each time.
  const size = useRef({ width: 0, height: 0 });
  const latest = useRef(spark);
  const draw = useCallback(() => {
    if (canvas.current === null || size.current.width === 0) return;
    drawSpark(canvas.current, latest.current, { ...size.current, colors: palette() });
  }, []);
  useEffect(() => {
    if (canvas.current === null) return undefined;
    // Printing does not wait for observers.
    if (isPrinting()) {
      const { clientWidth: width, clientHeight: height } = canvas.current;
      size.current = { width, height };
      draw();
    }
    const endSizes = watchSize(canvas.current, (found) => {
      size.current = found;
      draw();
    });
    const endPalette = onPaletteChange(draw);
    return () => {
      endSizes();
      endPalette();
    };
  }, [draw]);
  useEffect(() => {
    latest.current = spark;
    draw();
  }, [spark, version, draw]);
  return <canvas ref={canvas} aria-hidden className={className} />;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const sizeListeners = new WeakMap<Element, (size: Size) => void>();
/** One for all: hundreds of observers would each be called. */
const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    sizeListeners.get(target)?.({ width: contentRect.width, height: contentRect.height });
  }
});

function watchSize(element: Element, listener: (size: Size) => void): () => void {
  sizeListeners.set(element, listener);
  sizes.observe(element);
  return () => sizes.unobserve(element);
}
