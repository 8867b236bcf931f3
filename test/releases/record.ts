// What a release leaves behind, for test/e2e/releases.test.ts: its databases, and what it answers about them.
// Run once for each release, in a checkout of it: node test/releases/record.ts FOLDER
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { rowsOn, startPostgres } from '../database-servers.ts';
import { type Caller, logIn, startServer, temporaryFolder, until } from '../e2e/server.ts';
import { askForAll, keepAll } from './answers.ts';

const [out = '.'] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const compress = (data: string | Uint8Array): Uint8Array => zstdCompressSync(data, { params: { 100: 19 } });

{
  await using folder = await temporaryFolder();
  const answers = await play(folder.path, {});
  writeFileSync(join(out, 'sqlite.db.zst'), compress(readFileSync(join(folder.path, 'pingmedaddy.db'))));
  writeFileSync(join(out, 'sqlite.answers.json.zst'), compress(JSON.stringify(answers)));
}
{
  await using folder = await temporaryFolder();
  await using postgres = await startPostgres();
  const address = await postgres.newDatabase();
  const answers = await play(folder.path, { DATABASE_URL: address });
  writeFileSync(join(out, 'postgres.rows.json.zst'), compress(JSON.stringify(await rowsOfAll(address))));
  writeFileSync(join(out, 'postgres.answers.json.zst'), compress(JSON.stringify(answers)));
}

/** Users, tokens, targets of all kinds, an outage and its end, a trace, and some weeks of synthetic history. */
async function play(folder: string, environment: Readonly<Record<string, string>>): Promise<unknown> {
  await using server = await startServer(folder, { ...keepAll, ...environment });
  const call = await logIn(server.url);
  const made = async (path: string, body: unknown): Promise<any> => {
    const { status, json, text } = await call('POST', path, body);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return json;
  };
  await made('/users', { username: 'vera', password: 'correct horse battery', role: 'viewer' });
  await made('/users', { username: 'otto', password: 'staple battery horse', role: 'operator' });
  await made('/tokens', { name: 'prometheus', role: 'viewer', expires_in_days: null });
  const port = await freePort();
  const { id: first } = await made('/targets', {
    ...{
      ip: '127.0.0.2',
      frequency: 1,
      notes: 'Büro, 2. Stock',
      tags: ['core', 'rack 4'],
      url: 'https://example.test',
    },
  });
  const { id: service } = await made('/targets', { ip: '127.0.0.3', frequency: 0.2, port });
  await made('/targets', { host: 'localhost', family: 'ipv4', frequency: 2, packet_size: 1200, dscp: 46, ttl: 9 });
  const { id: erased } = await made('/targets', { ip: '127.0.0.4', frequency: 1 });
  await made(`/targets/${first}/traceroute`, {});
  const has = (type: string) => async (): Promise<boolean> =>
    (await call('GET', `/targets/${service}/events`)).json.some(
      (event: { event_type: string }) => event.event_type === type,
    );
  await until('an outage', has('down'), 30_000);
  const listener = createServer((socket) => socket.destroy()).listen(port, '127.0.0.3');
  await until('its end', has('recovery'), 30_000);
  listener.close();
  await call('DELETE', `/targets/${erased}`);
  await call('POST', '/seed', { targets: 2, years: 0.02, interval_seconds: 300, seed: 7 });
  // Rolled up, and then nothing changes any more.
  const wait = 70_000;
  await new Promise((resolve) => setTimeout(resolve, wait));
  for (const { id, is_active: isActive } of (await call('GET', '/targets')).json)
    if (isActive) await call('POST', `/targets/${id}/pause`);
  await stored(call);
  const end = new Date();
  const start = new Date(end.getTime() - 8 * 86_400_000);
  const window = { start: start.toISOString(), end: end.toISOString() };
  const answers = await askForAll(call, window);
  await server.stop();
  return { window, answers };
}

async function stored(call: Caller): Promise<void> {
  await until('all results stored', async () => {
    const { recorder } = (await call('GET', '/readyz')).json.checks;
    return recorder.pending_results === 0 && recorder.spooled_results === 0;
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.3');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Of all tables with rows of their own, as JSON; and the partitions that they are in. */
async function rowsOfAll(address: string): Promise<unknown> {
  const tables = await rowsOn(
    address,
    `select relname as name from pg_class where relnamespace = 'pmd'::regnamespace and relkind in ('r', 'p')
       and not relispartition order by relname`,
  );
  const partitions = await rowsOn(
    address,
    `select child.relname as name, parent.relname as parent, pg_get_expr(child.relpartbound, child.oid) as bound
     from pg_inherits join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent
     where child.relnamespace = 'pmd'::regnamespace and child.relkind = 'r' order by 1`,
  );
  const rows: Record<string, unknown> = {};
  for (const { name } of tables) {
    const found = await rowsOn(address, `select to_jsonb(t)::text as row from pmd.${String(name)} t`);
    rows[String(name)] = found.map(({ row }) => JSON.parse(String(row)) as unknown);
  }
  return { partitions, rows };
}
