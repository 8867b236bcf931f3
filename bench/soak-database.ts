// The whole product on a database server: 10,000 loopback targets at 1 Hz, and what the server is asked meanwhile.
// npm run bench:soak -- --database URL [--minutes 30] [--targets 10000]
//   [--flavour plain] [--stop-minutes 20 --stop-command "…" --start-command "…"]: then PostgreSQL is stopped and started again.
import { execSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { readiness } from '../src/contract/system.ts';
import {
  type Caller,
  callerWith,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from '../test/e2e/server.ts';
import { addTargets, loopbackAddresses, metricIn, usageOf } from './probed-fleet.ts';
import { rowsOn } from '../test/database-servers.ts';

export interface DatabaseSoak {
  readonly database: string;
  readonly flavour: string;
  readonly minutes: number;
  readonly targets: number;
  readonly stop: { readonly minutes: number; readonly stopCommand: string; readonly startCommand: string } | undefined;
}

const report = (name: string, value: string): void => void process.stdout.write(`${name.padEnd(34)} ${value}\n`);
const fleetEveryMillis = 5000;
const settleMillis = 30_000;

/** What a phase showed, sampled every five seconds. */
interface Phase {
  readonly fleetMillis: number[];
  lagSeconds: number;
  latenessMillis: number;
}

export async function soakOnDatabase({ database, flavour, minutes, targets, stop }: DatabaseSoak): Promise<void> {
  const address = await createDatabase(database);
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path, {
    DATABASE_URL: address,
    DATABASE_FLAVOUR: flavour,
    SPOOL_MAX_MIB: '8192',
  });
  const watched = await logInToWatch(server.url);
  const { call } = watched;
  await addTargets(call, loopbackAddresses(targets));
  await delay(settleMillis);
  const startedAt = performance.now();
  const before = cpuSeconds(server, database);
  const steady = await watch(watched, startedAt + minutes * 60_000);
  const cores = (cpuSeconds(server, database) - before) / ((performance.now() - startedAt) / 1000);
  report('targets', `${targets} at 1 Hz for ${minutes} min`);
  report('greatest rollup lag', `${steady.lagSeconds} s; goal 120 s`);
  report('CPU, server and PostgreSQL', `${cores.toFixed(2)} cores; goal 0.6`);
  report('GET /fleet', `p50 ${percentile(steady, 0.5)} ms, p99 ${percentile(steady, 0.99)} ms; goal p99 500 ms`);
  report('send lateness p99, at the most', `${steady.latenessMillis.toFixed(1)} ms`);
  if (stop !== undefined) await stopAndStart(watched, stop, targets);
  await server.stop();
  await countOnDatabase(address);
}

/** Who asks all the time. */
interface Watched {
  readonly call: Caller;
  /** How many milliseconds it took until the whole answer had arrived. */
  readonly askFleet: () => Promise<number>;
}

async function logInToWatch(url: string): Promise<Watched> {
  const answer = await callerWith(url, undefined)('POST', '/auth/login', { username: 'admin', password: 'changeme' });
  const token = String(answer.json.access_token);
  return {
    call: callerWith(url, token),
    askFleet: async () => {
      const askedAt = performance.now();
      const response = await fetch(`${url}/fleet`, { headers: { authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`GET /fleet: ${response.status}`);
      return performance.now() - askedAt;
    },
  };
}

async function createDatabase(address: string): Promise<string> {
  const url = new URL(address);
  url.pathname = `/pmd_soak_${process.pid}`;
  await rowsOn(address, `create database ${url.pathname.slice(1)}`);
  return url.href;
}

async function watch(watched: Watched, end: number): Promise<Phase> {
  const phase: Phase = { fleetMillis: [], lagSeconds: 0, latenessMillis: 0 };
  while (performance.now() < end) {
    await lookAt(watched, phase);
    await delay(fleetEveryMillis);
  }
  return phase;
}

async function checksOf(call: Caller): Promise<z.infer<typeof readiness>['checks']> {
  return readiness.parse((await call('GET', '/readyz')).json).checks;
}

async function lookAt({ call, askFleet }: Watched, phase: Phase): Promise<void> {
  phase.fleetMillis.push(await askFleet());
  const { database } = await checksOf(call);
  phase.lagSeconds = Math.max(phase.lagSeconds, database.rollups_behind_seconds ?? 0);
  const lateness = metricIn((await call('GET', '/metrics')).text, 'pingmedaddy_send_lateness_p99_seconds');
  phase.latenessMillis = Math.max(phase.latenessMillis, lateness * 1000);
}

const percentile = ({ fleetMillis }: Phase, ratio: number): string => {
  const sorted = fleetMillis.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(ratio * sorted.length))] ?? Number.NaN).toFixed(0);
};

async function stopAndStart(
  watched: Watched,
  { minutes, stopCommand, startCommand }: NonNullable<DatabaseSoak['stop']>,
  targets: number,
): Promise<void> {
  execSync(stopCommand, { stdio: 'inherit' });
  const away = await watch(watched, performance.now() + minutes * 60_000);
  execSync(startCommand, { stdio: 'inherit' });
  const backAt = performance.now();
  const since = (): string => `${((performance.now() - backAt) / 60_000).toFixed(1)} min`;
  const after: Phase = { fleetMillis: [], lagSeconds: 0, latenessMillis: 0 };
  const timeoutMillis = 60 * 60_000;
  await until(
    'the end of the backlog',
    async () => {
      await lookAt(watched, after);
      const { recorder } = await checksOf(watched.call);
      await delay(1000);
      return recorder.status === 'ok' && recorder.pending_results + recorder.spooled_results < 3 * targets;
    },
    timeoutMillis,
  );
  report('backlog stored', `${since()} after the start`);
  await until(
    'the roll-up of the backlog',
    async () => {
      await lookAt(watched, after);
      const { database } = await checksOf(watched.call);
      await delay(1000);
      return (database.rollups_behind_seconds ?? Number.POSITIVE_INFINITY) <= 120;
    },
    timeoutMillis,
  );
  report('backlog rolled up', `${since()} after the start; goal 10 min after ${minutes} min`);
  report(
    'send lateness p99 meanwhile, after',
    `${away.latenessMillis.toFixed(1)} ms, ${after.latenessMillis.toFixed(1)} ms`,
  );
}

/** For the server and all processes of the PostgreSQL on this machine, including ended ones. */
function cpuSeconds(server: RunningServer, database: string): number {
  const postmaster = postmasterOf(new URL(database).port);
  const ended = (pid: number): number => {
    // Fields 16 and 17: the time of ended children, in ticks of 10 ms.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[13]) + Number(fields[14])) / 100;
  };
  if (postmaster === undefined) throw new Error('The PostgreSQL of --database does not run on this machine.');
  const all = [postmaster, ...childrenOf(postmaster), server.process.pid ?? 0];
  return all.reduce((sum, pid) => sum + usageOf(pid).cpuSeconds, ended(postmaster));
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** The process whose lock file names the port. */
function postmasterOf(port: string): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).find((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres')) return false;
      return (
        readFileSync(`/proc/${pid}/cwd/postmaster.pid`, 'utf8').split('\n')[0] === String(pid) &&
        readFileSync(`/proc/${pid}/cwd/postmaster.pid`, 'utf8').split('\n')[3] === port
      );
    } catch {
      return false;
    }
  });
}

/** By SQL: exporting this many would take longer than the soak. One target after the other, by its index. */
async function countOnDatabase(address: string): Promise<void> {
  const [row] = await rowsOn(
    address,
    `select sum(stored)::float8 as stored, sum(duplicated)::float8 as duplicated, sum(missing)::float8 as missing
     from pmd.targets, lateral (
       select count(*) as stored, count(*) filter (where step < 500) as duplicated,
         coalesce(sum(round(step / 1000) - 1) filter (where step > 1500), 0) as missing
       from (
         select extract(epoch from sent_at - lag(sent_at) over (order by sent_at)) * 1000 as step
         from pmd.probe_results where target_id = targets.id
       ) as steps
     ) as counts`,
  );
  const figure = (name: string): string => String(row?.[name]);
  report(
    'results',
    `${figure('stored')} stored, ${figure('missing')} lost (goal 0), ${figure('duplicated')} duplicated`,
  );
}
