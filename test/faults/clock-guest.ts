// Runs in a Linux of its own: the server, and a wall clock that is changed under it. Reports what it saw as one line of JSON.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { addTargets, loopbackAddresses, metricIn } from '../../bench/probed-fleet.ts';
import { type Caller, logIn, startServer, until } from '../e2e/server.ts';

const setClock = (to: string): void => void execFileSync('date', ['-u', '-s', to], { stdio: 'ignore' });
const log: string[] = [];
/** How many results the last minute had at each moment. */
const lastMinute: Record<string, number> = {};

async function sent(call: Caller): Promise<number> {
  return metricIn((await call('GET', '/metrics')).text, 'pingmedaddy_probes_sent_total');
}

/** Some more results of each target have come, and are stored a second later. */
async function goOn(call: Caller, times: number): Promise<void> {
  const before = await sent(call);
  await until('more probes', async () => (await sent(call)) >= before + times * targets, 120_000);
  await delay(1500);
}

async function note(name: string, call: Caller): Promise<void> {
  const { json: insights } = await call('GET', '/targets/1/insights?window_minutes=1');
  lastMinute[name] = insights.sample_count;
}

const targets = 20;
const data = '/mnt/data';
mkdirSync(data);
// Half an hour before summer time ends in Berlin: three o'clock becomes two.
setClock('2026-10-25 00:30:00');
const environment = { TZ: 'Europe/Berlin', RETENTION_RAW_DAYS: '3' };
{
  await using server = await startServer(data, environment);
  const call = await logIn(server.url);
  await addTargets(call, loopbackAddresses(targets));
  await goOn(call, 3);
  // However long the start took.
  setClock('2026-10-25 00:59:45');
  await until('the end of summer time', async () => Date.now() > Date.parse('2026-10-25T01:00:05Z'), 60_000);
  await note('winter', call);
  setClock('+1 hour');
  await goOn(call, 5);
  await note('forward', call);
  setClock('-1 hour');
  await goOn(call, 5);
  await note('back', call);
  log.push(...server.log);
}
{
  // The clock is still behind what is stored.
  await using server = await startServer(data, environment);
  let call = await logIn(server.url);
  await goOn(call, 5);
  await note('restarted', call);
  setClock('+1 hour');
  await goOn(call, 2);
  process.stdout.write('ASLEEP\n');
  const before = performance.now();
  writeFileSync('/sys/power/state', 'mem');
  process.stdout.write('AWAKE\n');
  const sleptByMonotonic = performance.now() - before;
  await goOn(call, 5);
  await note('awake', call);
  setClock('+400 days');
  // The session has ended in that time.
  call = await logIn(server.url);
  await goOn(call, 5);
  await note('leapt', call);
  await until(
    'a look at what has aged',
    async () => server.log.some((line) => line.includes('deleted by age')),
    60_000,
  );
  const rows: string[][] = [];
  for (let id = 1; id <= targets; id++) {
    const { text } = await call('GET', `/targets/${id}/logs/export`);
    rows.push(text.trim().split('\n').slice(1));
  }
  log.push(...server.log);
  process.stdout.write(`REPORT ${JSON.stringify({ lastMinute, sleptByMonotonic, rows, log })}\n`);
}
