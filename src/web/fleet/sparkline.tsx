import { useEffect, useRef } from 'react';
import { usePreferences } from '../preferences.ts';
import { type Spark, type SparkColors, drawSpark } from './spark.ts';

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
  const { theme } = usePreferences();
  useEffect(() => {
    if (canvas.current !== null) drawSpark(canvas.current, spark, colorsNow());
  }, [spark, version, theme]);
  return <canvas ref={canvas} aria-hidden className={className} />;
}

let known: { readonly isDark: boolean; readonly colors: SparkColors } | undefined;

/** Asked of the style sheet once for each theme: reading styles for every line would make the browser lay out anew. */
function colorsNow(): SparkColors {
  const isDark = document.documentElement.classList.contains('dark');
  if (known?.isDark !== isDark) {
    const style = getComputedStyle(document.documentElement);
    const colors = {
      track: style.getPropertyValue('--line-strong'),
      line: style.getPropertyValue('--accent'),
      loss: style.getPropertyValue('--bad'),
    };
    known = { isDark, colors };
  }
  return known.colors;
}
