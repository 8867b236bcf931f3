import { readFileSync, readdirSync } from 'node:fs';
import type { Caller } from '../test/e2e/server.ts';

/** Addresses of this machine that answer. */
export const loopbackAddresses = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `127.1.${index >> 7}.${(index & 127) + 1}`);

export interface Usage {
  readonly cpuSeconds: number;
  readonly residentMebibytes: number;
}

/** For a process with all its threads, to the nanosecond: ticks would miss work that always begins right after one. */
export function usageOf(pid: number | undefined): Usage {
  const folder = `/proc/${pid ?? 0}`;
  const nanosOf = (task: string): number =>
    Number(readFileSync(`${folder}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  const nanos = readdirSync(`${folder}/task`).reduce((sum, task) => sum + nanosOf(task), 0);
  const kibibytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1] ?? 0);
  return { cpuSeconds: nanos / 1e9, residentMebibytes: kibibytes / 1024 };
}

/** As one import. */
export async function addTargets(call: Caller, addresses: readonly string[]): Promise<void> {
  const form = new FormData();
  form.set('file', new Blob([`ip\n${addresses.join('\n')}\n`]), 'targets.csv');
  const { created } = (await call('POST', '/targets/import', form)).json as { created: number };
  if (created !== addresses.length) throw new Error(`only ${created} targets were created`);
}

export interface Count {
  readonly stored: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly gaps: number;
}

/** Every stored result by way of the export: lost ones, duplicate times, planned times without a result. */
export async function countResults(call: Caller): Promise<Count> {
  const count = { stored: 0, lost: 0, duplicated: 0, gaps: 0 };
  for (const { id } of (await call('GET', '/targets')).json as { id: number }[]) {
    const rows = (await call('GET', `/targets/${id}/logs/export`)).text.trim().split('\n').slice(1);
    let previous: number | undefined;
    for (const row of rows) {
      const at = Date.parse(row.slice(0, 24));
      count.stored++;
      if (row.endsWith(',1')) count.lost++;
      if (at === previous) count.duplicated++;
      else if (previous !== undefined) count.gaps += Math.round((at - previous) / 1000) - 1;
      previous = at;
    }
  }
  return count;
}

/** A figure of `/metrics`. */
export function metricIn(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} ([\\d.e+-]+)`, 'm').exec(metrics)?.[1]);
}
