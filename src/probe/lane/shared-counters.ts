import type { ProberCounters } from '../port.ts';

const names = [
  'sent',
  'replies',
  'timeouts',
  'unreachable',
  'notSent',
  'duplicates',
  'lateReplies',
  'wrongReplies',
  'wrongSources',
  'wrongTokens',
  'icmpErrors',
  'receiveOverflows',
  'workerRestarts',
  'latenessP50Micros',
  'latenessP99Micros',
  'targets',
] as const satisfies readonly (keyof ProberCounters)[];

/** The probing thread's own counts, published about five times a second. */
export type Tally = { -readonly [Name in keyof ProberCounters]: ProberCounters[Name] };

/** Memory that outlives the probing thread, so that its counts continue after a restart; the thread is its only writer. */
export function createCounterMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(names.length * Float64Array.BYTES_PER_ELEMENT);
}

export function readCounters(memory: SharedArrayBuffer): Tally {
  const values = new Float64Array(memory);
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? 0])) as unknown as Tally;
}

export function publishCounters(memory: SharedArrayBuffer, tally: Tally): void {
  const values = new Float64Array(memory);
  names.forEach((name, at) => {
    values[at] = tally[name];
  });
}

/** The totals of several threads; lateness is that of the latest. */
export function addCounters(all: readonly ProberCounters[]): ProberCounters {
  const isWorst = (name: keyof ProberCounters): boolean => name === 'latenessP50Micros' || name === 'latenessP99Micros';
  const sum = readCounters(createCounterMemory());
  for (const counters of all) {
    for (const name of names) {
      sum[name] = isWorst(name) ? Math.max(sum[name], counters[name]) : sum[name] + counters[name];
    }
  }
  return sum;
}
