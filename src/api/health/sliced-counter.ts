import { setImmediate as nextTurn } from 'node:timers/promises';
import { Counter, type Registry } from '@prometheus-io/client';

/** Rows to make at once: a millisecond or two. */
const sliceSeries = 500;

/** A counter with series for every target. A large fleet has so many that one piece of text would block everything else. */
export interface SlicedCounter {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Read slice by slice; duplicate series are summed within a slice only. */
  readonly series: Iterable<readonly [labels: Readonly<Record<string, string | number>>, value: number]>;
}

/** Its text, in parts of at most 500 series, each starting on a new line; other work runs between two parts. */
export async function* textOf(
  registry: Registry,
  { name, help, labelNames, series }: SlicedCounter,
): AsyncGenerator<string> {
  // Not registered, and discarded after the slice: the prober keeps the counts.
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
