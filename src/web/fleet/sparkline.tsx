import { useEffect, useRef } from 'react';
import '../charts/charts.css';
import { onPaletteChange, palette } from '../charts/palette.ts';
import { type Spark, drawSpark } from './spark.ts';

/** The last hour; `version` says that it has changed. Hidden from readers: the row says the same in figures. */
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
  useEffect(() => {
    const draw = (): void => {
      if (canvas.current !== null) drawSpark(canvas.current, spark, palette());
    };
    draw();
    return onPaletteChange(draw);
  }, [spark, version]);
  return <canvas ref={canvas} aria-hidden className={className} />;
}
