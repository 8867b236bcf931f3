import type { Caller } from '../e2e/server.ts';

/** Of a recorded release nothing is ever too old. */
export const keepAll = {
  RETENTION_RAW_DAYS: '36500',
  RETENTION_MINUTE_DAYS: '36500',
  RETENTION_HOUR_DAYS: '36500',
  RETENTION_EVENT_DAYS: '36500',
} as const;

export type Answers = Readonly<Record<string, unknown>>;

/** All that a release answers about what it keeps, by path: `start` and `end` are what its insights are about. */
export async function askForAll(call: Caller, { start, end }: { start: string; end: string }): Promise<Answers> {
  const answers: Record<string, unknown> = {};
  const ask = async (path: string): Promise<any> => {
    const { status, json, text } = await call('GET', path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return (answers[path] = json);
  };
  await ask('/users');
  await ask('/tokens');
  for (const { id } of await ask('/targets')) {
    const own = `/targets/${id}`;
    await ask(own);
    await ask(`${own}/events`);
    await ask(`${own}/logs?limit=1000`);
    for (const seconds of [300, 3600]) await ask(`${own}/insights?start=${start}&end=${end}&bucket_seconds=${seconds}`);
    const recent = new Date(Date.parse(end) - 600_000).toISOString();
    await ask(`${own}/insights?start=${recent}&end=${end}&bucket_seconds=1`);
    await ask(`${own}/outages?start=${start}&end=${end}`);
    for (const trace of await ask(`${own}/traceroutes`)) await ask(`${own}/traceroutes/${trace.id}`);
  }
  return answers;
}
