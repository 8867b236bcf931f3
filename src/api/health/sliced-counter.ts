import { setImmediate as nextTurn } from 'node:timers/promises';
import { Counter, type Registry } from '@prometheus-io/client';

/** Made at once: a millisecond or two. */
const sliceSeries = 500;

/** A counter with series of every target: a large fleet has so many that one piece of text would hold up everything else. */
export interface SlicedCounter {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Read a slice at a time; what comes twice is added up within a slice only. */
  readonly series: Iterable<readonly [labels: Readonly<Record<string, string | number>>, value: number]>;
}

/** Its text, in parts of at most 500 series that begin with a line each; others have their turn between two parts. */
export async function* textOf(
  registry: Registry,
  { name, help, labelNames, series }: SlicedCounter,
): AsyncGenerator<string> {
  // Registered nowhere and thrown away with the slice: what is counted is kept by the prober.
  const emptySlice = (): Counter<string> => new Counter({ name, help, labelNames, registers: [] });
  const head = await registry.getMetricsAsString(emptySlice());
  yield head;
  let slice = emptySlice();
  let size = 0;
  for (const [labels, value] of series) {
    slice.inc(labels, value);
    if (++size < sliceSeries) continue;
    yield (await registry.getMetricsAsString(slice)).slice(head.length);
    await nextTurn();
    [slice, size] = [emptySlice(), 0];
  }
  if (size > 0) yield (await registry.getMetricsAsString(slice)).slice(head.length);
  yield '\n';
}
